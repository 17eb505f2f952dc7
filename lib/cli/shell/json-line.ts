type JsonField = string | number | bigint | boolean | undefined

/** An object on a line of its own. A bigint becomes a number, with all its digits; undefined fields are left out. */
export function jsonLine(fields: Readonly<Record<string, JsonField>>): string {
  const entries = Object.entries(fields).filter(([, field]) => field !== undefined)
  const written = entries.map(([name, field]) => `${JSON.stringify(name)}:${jsonOf(field)}`)
  return `{${written.join(',')}}\n`
}

const jsonOf = (field: JsonField): string => (typeof field === 'bigint' ? `${field}` : JSON.stringify(field))

/** Bytes in JSON: a string if they are UTF-8, otherwise base64 under another name. */
export function bytesFields(bytes: Buffer): { value: string } | { base64: string } {
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? { value: text } : { base64: bytes.toString('base64') }
}
