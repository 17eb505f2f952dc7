import { describeFrame } from '../../check/wire/describe-frame.js'
import { describeLine } from '../../check/wire/describe-line.js'
import { faultsOf } from '../../check/wire/frame-faults.js'
import type { FrameMessage, LineMessage, Message } from '../../check/wire/message.js'
import type { MessageCutter } from '../../check/wire/message-cutter.js'
import type { Io } from '../arguments/sub-command.js'

/**
 * The length of text that becomes bytes at a time. Until then, text that grows is a tree of its lines, which move to the old
 * generation: with a megabyte of it, collecting took 40 % of the time.
 */
const PIECE_LENGTH = 8 * 1024
/** The column after offsets; longer ones shift their line. */
const OFFSET_WIDTH = 8

/** Prints messages, one per line. */
export class Printer {
  /** There was a violation of the protocol, or bytes were missing. */
  hasSeenFaults = false
  private readonly io: Io
  private readonly previewLength: number
  private text = ''
  private pieces: Buffer[] = []

  constructor(io: Io, previewLength: number) {
    this.io = io
    this.previewLength = previewLength
  }

  /** Prints every complete message: for a capture with time and direction, for a stream with its offset. */
  printAll(cutter: MessageCutter, time?: string, direction?: string): void {
    for (let message = cutter.read(); message !== undefined; message = cutter.read())
      this.printMessage(message, this.placeOf(message, time, direction))
  }

  /** The rest of a stream at its end. */
  printEnd(cutter: MessageCutter, time?: string, direction?: string): void {
    const message = cutter.readEnd()
    if (message !== undefined) this.printMessage(message, this.placeOf(message, time, direction))
  }

  printGap(length: number, time: string, direction: string): void {
    this.hasSeenFaults = true
    this.add(`${time} ${direction} ! ${length} bytes are not in the capture\n`)
  }

  /** Writes the collected text. Resolves when the reader of the output keeps up. */
  async flush(): Promise<void> {
    this.gather()
    const { pieces } = this
    this.pieces = []
    if (pieces.length > 0) await this.io.write(Buffer.concat(pieces))
  }

  /** Only ASCII is printed. */
  private gather(): void {
    if (this.text !== '') this.pieces.push(Buffer.from(this.text, 'latin1'))
    this.text = ''
  }

  private add(line: string): void {
    this.text += line
    if (this.text.length > PIECE_LENGTH) this.gather()
  }

  private placeOf(message: Message, time?: string, direction?: string): string {
    return time === undefined ? `${message.offset}`.padEnd(OFFSET_WIDTH) : `${time} ${direction}`
  }

  private printMessage(message: Message, place: string): void {
    if (message.kind === 'broken') {
      this.hasSeenFaults = true
      this.add(`${place} ! byte ${message.breakOffset}: ${message.reason}\n`)
    } else if (message.kind === 'frame') this.printFrame(message, place)
    else this.printLine(message, place)
  }

  private printFrame({ frame, valueLength, offset }: FrameMessage, place: string): void {
    let line = `${place} ${describeFrame(frame, valueLength, this.previewLength)}`
    for (const fault of faultsOf(frame, valueLength)) {
      this.hasSeenFaults = true
      line += ` ! byte ${offset + fault.place}: ${fault.reason}`
    }
    this.add(`${line}\n`)
  }

  private printLine(message: LineMessage, place: string): void {
    let line = `${place} ${describeLine(message, this.previewLength)}`
    if (message.wrongEndOffset !== undefined) {
      this.hasSeenFaults = true
      line += ` ! byte ${message.wrongEndOffset}: the data do not end here in CR LF`
    }
    this.add(`${line}\n`)
  }
}
