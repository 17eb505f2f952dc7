import type { Io } from '../sub-command.js'
import { describeFrame } from '../wire/describe-frame.js'
import { describeLine } from '../wire/describe-line.js'
import { faultsOf } from '../wire/frame-faults.js'
import type { FrameMessage, LineMessage, Message } from '../wire/message.js'
import type { MessageCutter } from '../wire/message-cutter.js'

/** Lines are written when so much of them has gathered. */
const GATHERED_LENGTH = 64 * 1024
/** The column behind offsets; longer ones move their line. */
const OFFSET_WIDTH = 8

/** Prints messages, one in a line. */
export class Printer {
  /** Something broke the rules, or was missing. */
  hasSeenFaults = false
  private readonly io: Io
  private readonly previewLength: number
  private text = ''

  constructor(io: Io, previewLength: number) {
    this.io = io
    this.previewLength = previewLength
  }

  /** Every message that is whole. Of a capture the time and the direction are told, of a stream the offset. */
  printAll(cutter: MessageCutter, time?: string, direction?: string): void {
    for (let message = cutter.read(); message !== undefined; message = cutter.read())
      this.printMessage(message, this.placeOf(message, time, direction))
  }

  /** What is left of a stream that is over. */
  printEnd(cutter: MessageCutter, time?: string, direction?: string): void {
    const message = cutter.readEnd()
    if (message !== undefined) this.printMessage(message, this.placeOf(message, time, direction))
  }

  printGap(length: number, time: string, direction: string): void {
    this.hasSeenFaults = true
    this.text += `${time} ${direction} ! ${length} bytes are not in the capture\n`
  }

  /** Resolves when the reader of the output keeps up. */
  async flush(): Promise<void> {
    if (this.text.length > GATHERED_LENGTH) await this.end()
  }

  async end(): Promise<void> {
    const text = this.text
    this.text = ''
    if (text !== '') await this.io.write(text)
  }

  private placeOf(message: Message, time?: string, direction?: string): string {
    return time === undefined ? `${message.offset}`.padEnd(OFFSET_WIDTH) : `${time} ${direction}`
  }

  private printMessage(message: Message, place: string): void {
    if (message.kind === 'broken') {
      this.hasSeenFaults = true
      this.text += `${place} ! byte ${message.breakOffset}: ${message.reason}\n`
    } else if (message.kind === 'frame') this.printFrame(message, place)
    else this.printLine(message, place)
  }

  private printFrame({ frame, valueLength, offset }: FrameMessage, place: string): void {
    let line = `${place} ${describeFrame(frame, valueLength, this.previewLength)}`
    for (const fault of faultsOf(frame, valueLength)) {
      this.hasSeenFaults = true
      line += ` ! byte ${offset + fault.place}: ${fault.reason}`
    }
    this.text += `${line}\n`
  }

  private printLine(message: LineMessage, place: string): void {
    let line = `${place} ${describeLine(message, this.previewLength)}`
    if (message.wrongEndOffset !== undefined) {
      this.hasSeenFaults = true
      line += ` ! byte ${message.wrongEndOffset}: the data do not end here in CR LF`
    }
    this.text += `${line}\n`
  }
}
