import { number, refuseUnknown, word } from '../check-options.js'
import { NetError } from '../net-error.js'
import { type Codec, NEED_MORE } from './codec.js'
import type { Input } from './input.js'
import type { Output } from './output.js'

export interface LengthPrefixedOptions {
  /** How many bytes hold the length. Default: 4. */
  readonly bytes?: 1 | 2 | 4
  /** Default: big-endian, the order of networks. */
  readonly byteOrder?: 'big-endian' | 'little-endian'
  /**
   * A longer message closes the connection, and is not sent. Default: what the length can say, at most 16 MiB together with the
   * length: that is the default of the option `messageLengthMax`, which bounds both.
   */
  readonly maxLength?: number
}

/**
 * Messages of bytes, each behind its length:
 *
 *     ┌────────┬───────────────┐
 *     │ length │ message       │
 *     └────────┴───────────────┘
 *
 * A received message is a view of the read memory, valid until the handler returns: to keep it, copy it.
 */
export function lengthPrefixed(options: LengthPrefixedOptions = {}): Codec<Buffer, Uint8Array> {
  refuseUnknown(options, ['bytes', 'byteOrder', 'maxLength'])
  return new LengthPrefixed(options)
}

class LengthPrefixed implements Codec<Buffer, Uint8Array> {
  private readonly prefixLength: number
  private readonly isBigEndian: boolean
  private readonly maxLength: number

  constructor(options: LengthPrefixedOptions) {
    const bytes = word(options, 'bytes', [4, 1, 2])
    this.prefixLength = bytes
    this.isBigEndian = word(options, 'byteOrder', ['big-endian', 'little-endian']) === 'big-endian'
    this.maxLength = Math.min(number(options, 'maxLength', 16 * 1024 * 1024 - bytes), 256 ** bytes - 1)
  }

  decode(input: Input): Buffer | typeof NEED_MORE {
    const { prefixLength } = this
    const { bytes, start, end } = input
    const messageStart = start + prefixLength
    if (messageStart > end) return NEED_MORE
    const length = this.isBigEndian
      ? bytes.readUIntBE(start, prefixLength)
      : bytes.readUIntLE(start, prefixLength)
    if (length > this.maxLength) throw this.tooLong(length)
    const messageEnd = messageStart + length
    if (messageEnd > end) {
      input.neededLength = prefixLength + length
      return NEED_MORE
    }
    input.start = messageEnd
    return bytes.subarray(messageStart, messageEnd)
  }

  encode(message: Uint8Array, output: Output): void {
    const { prefixLength } = this
    const { length } = message
    if (length > this.maxLength) throw this.tooLong(length)
    output.ensure(prefixLength)
    output.end = this.isBigEndian
      ? output.bytes.writeUIntBE(length, output.end, prefixLength)
      : output.bytes.writeUIntLE(length, output.end, prefixLength)
    // A message may be a view of the read memory, as in an echo.
    output.copyBytes(message)
  }

  private tooLong(length: number): NetError {
    return new NetError('MESSAGE_TOO_LONG', `A message of ${length} bytes: at most ${this.maxLength} may be`)
  }
}
