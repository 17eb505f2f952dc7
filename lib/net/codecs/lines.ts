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
  /** What a line is sent with. Default: `\n`. */
  readonly end?: '\n' | '\r\n'
}

/** Lines of text. A received line ends with `\n` or `\r\n`. One codec serves one connection. */
export function lines(options: LinesOptions = {}): () => Codec<string> {
  refuseUnknown(options, ['maxLength', 'encoding', 'end'])
  const maxLength = number(options, 'maxLength', 64 * 1024)
  const encoding = word(options, 'encoding', ['utf8', 'latin1'])
  const end = word(options, 'end', ['\n', '\r\n'])
  return () => new Lines({ maxLength, encoding, end })
}

class Lines implements Codec<string> {
  private readonly maxLength: number
  private readonly encoding: 'utf8' | 'latin1'
  private readonly end: '\n' | '\r\n'
  /** How many bytes of an incomplete line were searched. */
  private searchedLength = 0

  constructor({ maxLength, encoding, end }: Required<LinesOptions>) {
    this.maxLength = maxLength
    this.encoding = encoding
    this.end = end
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
    // The peer would take a last \r for a part of the end.
    if (line.includes('\n') || (this.end === '\n' && line.endsWith('\r')))
      throw new NetError('BAD_MESSAGE', 'A line contains the end of a line')
    if (this.encoding === 'latin1') output.writeBytes(Buffer.from(line, 'latin1'))
    else output.writeUtf8(line)
    output.writeAscii(this.end)
  }

  private tooLong(): NetError {
    return new NetError('MESSAGE_TOO_LONG', `A line is longer than ${this.maxLength} bytes`)
  }
}

const NEWLINE = 0x0a
const RETURN = 0x0d
