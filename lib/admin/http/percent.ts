/** The bytes of percent-encoded text; undefined if a `%` has no two digits behind it. Other characters are UTF-8. */
export function decodePercent(text: string): Buffer | undefined {
  if (/%(?![0-9a-f]{2})/i.test(text)) return undefined
  const latin = Buffer.from(text, 'utf8')
    .toString('latin1')
    .replace(/%(..)/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)))
  return Buffer.from(latin, 'latin1')
}
