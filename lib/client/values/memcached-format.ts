import { jsonText, parsedJson } from './json.js'
import { numberOf, numberText } from './numbers.js'
import { isBytes, textBytes, textOfRange } from './plain-bytes.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

const TEXT = 0
const OBJECT = 1 << 1
const BYTES = 1 << 2
const NUMBER = 1 << 3

/**
 * The package `memcached` of npm writes everything as text in UTF-8, bytes too: each byte is the character with its number.
 * It writes a backslash before CR and LF.
 */
export const MEMCACHED_FORMAT: ValueFormat = {
  encode(value: unknown, target: EncodedValue): void {
    if (typeof value === 'string') encodeText(value, TEXT, target)
    else if (isBytes(value)) encodeText(latin1Of(value), BYTES, target)
    else if (typeof value === 'number') encodeText(numberText(value), NUMBER, target)
    else encodeText(jsonText(value), OBJECT, target)
  },

  decode(bytes: Buffer, start: number, end: number, clientFlags: number): unknown {
    const text = textOfRange(bytes, start, end).replace(ESCAPED_LINE_END, '$1')
    switch (clientFlags) {
      case OBJECT:
        return parsedJson(text)
      case NUMBER:
        return numberOf(text)
      case BYTES:
        return Buffer.from(text, 'latin1')
      default:
        return text
    }
  },
}

function encodeText(text: string, clientFlags: number, target: EncodedValue): void {
  target.bytes = textBytes(text.replace(LINE_END, '\\$&'))
  target.clientFlags = clientFlags
}

const latin1Of = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')

const LINE_END = /[\r\n]/g
const ESCAPED_LINE_END = /\\([\r\n])/g
