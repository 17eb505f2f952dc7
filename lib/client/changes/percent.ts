/** Percent-encoding, as `watch` has it. Bytes are characters here: the lines are Latin-1. */

export const percentEncoded = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    text += LITERAL.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`
  }
  return text
}

export const percentDecoded = (text: string): Buffer =>
  Buffer.from(
    text.includes('%')
      ? text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
          String.fromCharCode(Number.parseInt(digits, 16)),
        )
      : text,
    'latin1',
  )

const LITERAL = /[A-Za-z0-9\-._~]/
