import { MessageCutter } from '../../check/wire/message-cutter.js'
import type { Packet } from './packet.js'
import type { Printer } from './printer.js'
import { type Segment, segmentIn, showFlow } from './segment.js'
import { distance, TcpStream, WaitingBudget } from './tcp-stream.js'

/** The maximum of connections that are followed; beyond it the oldest is dropped. */
const STREAMS_MAX = 4096

interface Followed {
  readonly name: string
  readonly cutter: MessageCutter
  readonly stream: TcpStream
  readonly firstSequence: number
  /** The sequence number after its last byte, once known. */
  endSequence: number | undefined
}

/** Reassembles the connections of a capture and prints their messages as they become complete. */
export class TcpStreams {
  private readonly printer: Printer
  private readonly port: number
  private readonly streams = new Map<string, Followed>()
  /** Where ended connections have ended, to distinguish repeated segments from a new connection. */
  private readonly ends = new Map<string, number>()
  private readonly budget = new WaitingBudget()
  private firstSeconds: number | undefined
  private time = ''

  constructor(printer: Printer, port: number) {
    this.printer = printer
    this.port = port
  }

  push(packet: Packet): void {
    const segment = segmentIn(packet)
    if (segment === undefined || !this.isOurs(segment)) return
    this.firstSeconds ??= packet.seconds
    this.time = (packet.seconds - this.firstSeconds).toFixed(6)
    const followed = this.follow(segment)
    if (followed === undefined) return
    const sequence = sequenceOf(segment)
    followed.stream.push(sequence, segment.payload)
    if (segment.isLast) followed.endSequence = (sequence + segment.payload.length) >>> 0
    const { endSequence } = followed
    const isOver = endSequence !== undefined && followed.stream.hasReached(endSequence)
    if (isOver || segment.isReset) this.finish(segment.flow, followed)
  }

  end(): void {
    for (const [flow, followed] of this.streams) this.finish(flow, followed)
  }

  private isOurs({ sourcePort, destinationPort }: Segment): boolean {
    return sourcePort === this.port || destinationPort === this.port
  }

  /** The stream that the segment belongs to. A late acknowledgement does not restart a stream that has ended. */
  private follow(segment: Segment): Followed | undefined {
    const known = this.streams.get(segment.flow)
    if (known !== undefined && !this.isAnother(known, segment)) return known
    if (known !== undefined) this.finish(segment.flow, known)
    if (!segment.isFirst && (segment.payload.length === 0 || this.isOver(segment))) return undefined
    const followed = this.begin(segment)
    this.streams.set(segment.flow, followed)
    if (this.streams.size > STREAMS_MAX) this.finish(...this.streams.entries().next().value!)
    return followed
  }

  /** The same ports, but a new connection. A first segment that arrives twice is the same connection. */
  private isAnother({ firstSequence }: Followed, segment: Segment): boolean {
    return segment.isFirst && firstSequence !== sequenceOf(segment)
  }

  private isOver({ flow, sequence }: Segment): boolean {
    const end = this.ends.get(flow)
    return end !== undefined && distance(sequence, end) >= 0
  }

  private begin(segment: Segment): Followed {
    const name = showFlow(segment)
    const cutter = new MessageCutter()
    if (!segment.isFirst) cutter.joinLate()
    const sink = {
      onBytes: (bytes: Buffer) => {
        cutter.push(bytes)
        this.printer.printAll(cutter, this.time, name)
      },
      onGap: (length: number) => {
        cutter.lose(length)
        this.printer.printGap(length, this.time, name)
      },
    }
    const firstSequence = sequenceOf(segment)
    const stream = new TcpStream(sink, this.budget, firstSequence)
    return { name, cutter, stream, firstSequence, endSequence: undefined }
  }

  private finish(flow: string, { stream, cutter, name, endSequence }: Followed): void {
    stream.end()
    this.printer.printEnd(cutter, this.time, name)
    this.streams.delete(flow)
    this.ends.delete(flow)
    if (endSequence !== undefined) this.ends.set(flow, endSequence)
    if (this.ends.size > STREAMS_MAX) this.ends.delete(this.ends.keys().next().value!)
  }
}

/** Of the first byte of the payload. The number of a connection's first segment counts as a byte. */
const sequenceOf = ({ isFirst, sequence }: Segment): number => (isFirst ? (sequence + 1) >>> 0 : sequence)
