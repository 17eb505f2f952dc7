/** Percent-encoding as in a URI: letters, digits and `-._~` are literal, all other bytes are `%` and two digits. */
export function percentEncoded(bytes: Uint8Array, start: number, end: number): string {
  let text = ''
  for (let at = start; at < end; at++) text += ENCODED[bytes[at]!]
  return text
}

const ENCODED: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9\-._~]/.test(character)
    ? character
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
})
