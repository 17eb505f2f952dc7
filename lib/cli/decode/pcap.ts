/**
 * Capture files of tcpdump: a header, then packets, each after a header of its own. The first number shows the byte order
 * of all numbers, and whether parts of a second are micro- or nanoseconds.
 *
 *       0        4        8        12       16       20       24
 *     ┌────────┬────────┬────────┬────────┬────────┬────────┐
 *     │ magic  │ version│ –      │ –      │ longest│ link   │
 *     └────────┴────────┴────────┴────────┴────────┴────────┘
 *     ┌────────┬────────┬────────┬────────┬─────────────────┐
 *     │ seconds│ parts  │ length │ length │ packet          │
 *     │        │        │ here   │ on wire│                 │
 *     └────────┴────────┴────────┴────────┴─────────────────┘
 */
import { ByteQueue } from './byte-queue.js'
import { CaptureError, type CaptureReader, PACKET_LENGTH_MAX, type Packet } from './packet.js'

const FILE_HEADER_LENGTH = 24
const LINK_TYPE = 20
const PACKET_HEADER_LENGTH = 16
const PARTS = 4
const CAPTURED_LENGTH = 8
/** The upper bits of the link type have other meanings. */
const LINK_TYPE_MASK = 0xffff

/** By the magic as read in little-endian order. */
const KINDS: Readonly<Record<number, { isLittleEndian: boolean; partsInSecond: number }>> = {
  2712847316: { isLittleEndian: true, partsInSecond: 1e6 },
  3569595041: { isLittleEndian: false, partsInSecond: 1e6 },
  2712812621: { isLittleEndian: true, partsInSecond: 1e9 },
  1295823521: { isLittleEndian: false, partsInSecond: 1e9 },
}

export const isPcap = (start: Buffer): boolean => start.length >= 4 && start.readUInt32LE() in KINDS

export class PcapReader implements CaptureReader {
  private readonly queue = new ByteQueue()
  private linkType = -1
  private partsInSecond = 0

  push(chunk: Buffer): void {
    this.queue.push(chunk)
  }

  get heldLength(): number {
    return this.queue.length
  }

  read(): Packet | undefined {
    const { queue } = this
    if (this.linkType === -1 && !this.readFileHeader()) return undefined
    if (queue.length < PACKET_HEADER_LENGTH) return undefined
    const length = queue.uint32(CAPTURED_LENGTH)
    if (length > PACKET_LENGTH_MAX)
      throw new CaptureError(`byte ${queue.offset}: a packet of ${length} bytes is not valid`)
    const end = PACKET_HEADER_LENGTH + length
    if (queue.length < end) return undefined
    const seconds = queue.uint32(0) + queue.uint32(PARTS) / this.partsInSecond
    const bytes = queue.slice(PACKET_HEADER_LENGTH, end)
    queue.take(end)
    return { seconds, linkType: this.linkType, bytes }
  }

  private readFileHeader(): boolean {
    const { queue } = this
    if (queue.length < FILE_HEADER_LENGTH) return false
    const kind = KINDS[queue.uint32(0)]!
    queue.isLittleEndian = kind.isLittleEndian
    this.partsInSecond = kind.partsInSecond
    this.linkType = queue.uint32(LINK_TYPE) & LINK_TYPE_MASK
    queue.take(FILE_HEADER_LENGTH)
    return true
  }
}
