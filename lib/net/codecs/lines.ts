import { number, refuseUnknown, word } from '../check-options.js'
import { NetError } from '../net-error.js'
import { type Codec, NEED_MORE } from './codec.js'
import type { Input } from './input.js'
import type { Output } from './output.js'

export interface LinesOptions {
  /** A longer line closes the connection; in bytes, without its end. Default: 64 KiB. */
  readonly maxLength?: number
  /** Default: utf8. */
  readonly encoding?: 'utf8' | 'latin1'
}

/** Lines of text. A line ends with `\n` or `\r\n`; it is sent with `\n`. One codec serves one connection. */
export function lines(options: LinesOptions = {}): () => Codec<string> {
  refuseUnknown(options, ['maxLength', 'encoding'])
  const maxLength = number(options, 'maxLength', 64 * 1024)
  const encoding = word(options, 'encoding', ['utf8', 'latin1'])
  return () => new Lines(maxLength, encoding)
}

class Lines implements Codec<string> {
  private readonly maxLength: number
  private readonly encoding: 'utf8' | 'latin1'
  /** How many bytes of an incomplete line were searched. */
  private searchedLength = 0

  constructor(maxLength: number, encoding: 'utf8' | 'latin1') {
    this.maxLength = maxLength
    this.encoding = encoding
  }

  decode(input: Input): string | typeof NEED_MORE {
    const { bytes, start, end } = input
    const found = bytes.indexOf(NEWLINE, start + this.searchedLength)
    if (found === -1 || found >= end) {
      this.searchedLength = end - start
      // One more byte may be the \r of the end.
      if (this.searchedLength > this.maxLength + 1) throw this.tooLong()
      return NEED_MORE
    }
    this.searchedLength = 0
    const lineEnd = found > start && bytes[found - 1] === RETURN ? found - 1 : found
    if (lineEnd - start > this.maxLength) throw this.tooLong()
    input.start = found + 1
    return bytes.toString(this.encoding, start, lineEnd)
  }

  encode(line: string, output: Output): void {
    if (line.includes('\n')) throw new NetError('BAD_MESSAGE', 'A line contains the end of a line')
    if (this.encoding === 'latin1') output.writeBytes(Buffer.from(line, 'latin1'))
    else output.writeUtf8(line)
    output.writeByte(NEWLINE)
  }

  private tooLong(): NetError {
    return new NetError('MESSAGE_TOO_LONG', `A line is longer than ${this.maxLength} bytes`)
  }
}

const NEWLINE = 0x0a
const RETURN = 0x0d
