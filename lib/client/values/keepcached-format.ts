import { jsonText, parsedJson } from './json.js'
import { bigintOf, numberOf, numberText } from './numbers.js'
import { copyOfRange, isBytes, textBytes, textOfRange } from './plain-bytes.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

/**
 * The client flags of this client: every value comes back as what it was.
 *
 *      31                               8 7           4 3           0
 *     ┌──────────────────────────────────┬─────────────┬─────────────┐
 *     │ 0                                │ compression │ type        │
 *     └──────────────────────────────────┴─────────────┴─────────────┘
 *
 * Text has the flags 0, as with programs that know no flags. Numbers are decimal text, so that `increment` counts them. An
 * item with other flags is of another client: its value is a Buffer. So is one whose flags say that it is compressed, if it does
 * not begin as such.
 */
export const ValueType = { TEXT: 0, BYTES: 1, OBJECT: 2, NUMBER: 3, BIGINT: 4 } as const

const { TEXT, BYTES, OBJECT, NUMBER, BIGINT } = ValueType

export const KEEPCACHED_FORMAT: ValueFormat = {
  encode(value: unknown, target: EncodedValue): void {
    if (typeof value === 'string') {
      target.bytes = textBytes(value)
      target.clientFlags = TEXT
    } else if (isBytes(value)) {
      target.bytes = value
      target.clientFlags = BYTES
    } else if (typeof value === 'number') {
      target.bytes = Buffer.from(numberText(value), 'latin1')
      target.clientFlags = NUMBER
    } else if (typeof value === 'bigint') {
      target.bytes = Buffer.from(`${value}`, 'latin1')
      target.clientFlags = BIGINT
    } else {
      target.bytes = Buffer.from(jsonText(value), 'utf8')
      target.clientFlags = OBJECT
    }
  },

  decode(bytes: Buffer, start: number, end: number, clientFlags: number): unknown {
    switch (clientFlags) {
      case TEXT:
        return textOfRange(bytes, start, end)
      case OBJECT:
        return parsedJson(textOfRange(bytes, start, end))
      case NUMBER:
        return numberOf(textOfRange(bytes, start, end))
      case BIGINT:
        return bigintOf(textOfRange(bytes, start, end))
      default:
        return copyOfRange(bytes, start, end)
    }
  },
}
