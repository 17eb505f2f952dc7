/**
 * Bytes of a hex dump. Lines may have these formats, also mixed:
 *
 *     00000000: 8000 0003 0000 0000 0000 0003 0000 0000  ................   xxd
 *     00000000  80 00 00 03 00 00 00 00  00 00 00 03 00 00 00 00  |....|     hexdump -C
 *     0000   80 00 00 03 00 00 00 00 00 00 00 03 00 00 00 00   ........      Wireshark
 *     800000030000000000000003000000000000000000000000736b79                   xxd -p, Wireshark's hex stream
 *
 * The text at the end of a line may look like hex digits: the two spaces before it, or its column, mark it.
 */
export class HexDump {
  private rest = ''
  private lineNumber = 1

  /** The bytes of all whole lines, or of a stream of digits without lines. Throws an error for anything that is not hex. */
  push(chunk: Buffer): Buffer {
    const lines = (this.rest + chunk.toString('latin1')).split('\n')
    this.rest = lines.pop()!
    const pieces = lines.map((line) => this.lineBytes(line))
    pieces.push(this.takeStream())
    if (this.rest.length > LINE_LENGTH_MAX)
      throw new HexError(`line ${this.lineNumber} is not a hex dump: it does not end`)
    return Buffer.concat(pieces)
  }

  /** The bytes of a last line without a line end. */
  end(): Buffer {
    const line = this.rest
    this.rest = ''
    return this.lineBytes(line)
  }

  private lineBytes(line: string): Buffer {
    const digits = digitsOf(line.replace('\r', ''))
    if (digits === undefined || digits.length % 2 !== 0)
      throw new HexError(`line ${this.lineNumber} is not a hex dump: ${line.trim().slice(0, SHOWN_LENGTH)}`)
    this.lineNumber += 1
    return Buffer.from(digits, 'hex')
  }

  /** A hex stream is one line of any length: in a long one with only digits, pairs are read as they arrive. */
  private takeStream(): Buffer {
    if (this.rest.length < STREAM_LENGTH_MIN || !ONLY_DIGITS.test(this.rest)) return Buffer.alloc(0)
    const length = this.rest.length - (this.rest.length % 2)
    const bytes = Buffer.from(this.rest.slice(0, length), 'hex')
    this.rest = this.rest.slice(length)
    return bytes
  }
}

export class HexError extends Error {}

const STREAM_LENGTH_MIN = 4096
/** Lines of a dump are short, and a stream is not kept. */
const LINE_LENGTH_MAX = 1024 * 1024
const SHOWN_LENGTH = 60
const ONLY_DIGITS = /^[\da-f]*$/i
const OFFSET_AND_COLON = /^[\da-f]+:\s+(.*)$/i
const OFFSET_AND_SPACES = /^([\da-f]{4,16})(?: {2,}(.*))?$/i
const PAIR = /^[\da-f]{2}$/i
const PAIRS_IN_A_LINE = 16

/** The hex digits of a line, or undefined if it has other characters. */
function digitsOf(line: string): string | undefined {
  const behindColon = OFFSET_AND_COLON.exec(line)?.[1]
  if (behindColon !== undefined) return onlyDigits(behindColon.split('  ')[0]!)
  const [, , behindOffset] = OFFSET_AND_SPACES.exec(line) ?? []
  if (behindOffset !== undefined) return pairsOf(behindOffset)
  // hexdump ends with only an offset.
  return /^[\da-f]{8}$/i.test(line) && isOffset(line) ? '' : onlyDigits(line)
}

/** An offset that stands alone is a small number, and frames do not begin with one. */
const isOffset = (line: string): boolean => line.startsWith('00')

function onlyDigits(text: string): string | undefined {
  const digits = text.replaceAll(/\s/g, '')
  return ONLY_DIGITS.test(digits) ? digits : undefined
}

/** Pairs of digits up to the text, which follows three spaces or a bar, or the sixteenth pair. */
function pairsOf(text: string): string {
  const pairs: string[] = []
  for (const word of text
    .split(/ {3,}|\|/)[0]!
    .trim()
    .split(/ +/)) {
    if (!PAIR.test(word) || pairs.length === PAIRS_IN_A_LINE) break
    pairs.push(word)
  }
  return pairs.join('')
}
