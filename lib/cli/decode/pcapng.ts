/**
 * Capture files of Wireshark: blocks, each with its type before it and its length before and behind.
 *
 *       0        4        8                        length - 4
 *     ┌────────┬────────┬─────────────────────────┬────────┐
 *     │ type   │ length │ body                    │ length │
 *     └────────┴────────┴─────────────────────────┴────────┘
 *
 * A section begins with a block that shows the byte order. Then follow the interfaces, each with a link type and a unit
 * of time, and packets that have the number of their interface. All other blocks are skipped.
 */
import { ByteQueue } from './byte-queue.js'
import { CaptureError, type CaptureReader, PACKET_LENGTH_MAX, type Packet } from './packet.js'

const SECTION = 0x0a0d0d0a
const INTERFACE = 1
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6
const BYTE_ORDER = 0x1a2b3c4d
const BLOCK_LENGTH_MIN = 12
const BODY = 8

const OPTION_END = 0
const OPTION_RESOLUTION = 9
const MICROSECONDS = 1e6

interface Interface {
  readonly linkType: number
  readonly partsInSecond: number
}

export const isPcapng = (start: Buffer): boolean => start.length >= 4 && start.readUInt32LE() === SECTION

export class PcapngReader implements CaptureReader {
  private readonly queue = new ByteQueue()
  private interfaces: Interface[] = []

  push(chunk: Buffer): void {
    this.queue.push(chunk)
  }

  get heldLength(): number {
    return this.queue.length
  }

  read(): Packet | undefined {
    const { queue } = this
    while (queue.length >= BLOCK_LENGTH_MIN) {
      const type = queue.uint32(0)
      // The type of a section is the same in both byte orders.
      if (type === SECTION) queue.isLittleEndian = queue.slice(BODY, BODY + 4).readUInt32LE() === BYTE_ORDER
      const length = queue.uint32(4)
      if (length < BLOCK_LENGTH_MIN || length % 4 !== 0 || length > PACKET_LENGTH_MAX)
        throw new CaptureError(`byte ${queue.offset}: a block of ${length} bytes is not valid`)
      if (queue.length < length) return undefined
      const packet = this.readBlock(type, length)
      queue.take(length)
      if (packet !== undefined) return packet
    }
    return undefined
  }

  private readBlock(type: number, length: number): Packet | undefined {
    if (type === SECTION) this.interfaces = []
    else if (type === INTERFACE) this.readInterface(length)
    else if (type === ENHANCED_PACKET) return this.readEnhancedPacket(length)
    else if (type === SIMPLE_PACKET) return this.readSimplePacket(length)
    return undefined
  }

  private readInterface(length: number): void {
    const linkType = this.queue.uint16(BODY)
    let partsInSecond = MICROSECONDS
    for (let place = BODY + 8; place + 4 <= length - 4; ) {
      const code = this.queue.uint16(place)
      const optionLength = this.queue.uint16(place + 2)
      if (code === OPTION_END) break
      if (code === OPTION_RESOLUTION) partsInSecond = resolutionOf(this.queue.slice(place + 4, place + 5)[0]!)
      place += 4 + Math.ceil(optionLength / 4) * 4
    }
    this.interfaces.push({ linkType, partsInSecond })
  }

  private readEnhancedPacket(length: number): Packet {
    const { queue } = this
    const { linkType, partsInSecond } = this.interfaceAt(queue.uint32(BODY))
    const parts = queue.uint32(BODY + 4) * 2 ** 32 + queue.uint32(BODY + 8)
    return {
      seconds: parts / partsInSecond,
      linkType,
      bytes: this.packetBytes(BODY + 20, queue.uint32(BODY + 12), length),
    }
  }

  private readSimplePacket(length: number): Packet {
    const { linkType } = this.interfaceAt(0)
    const captured = Math.min(this.queue.uint32(BODY), length - BODY - 8)
    return { seconds: 0, linkType, bytes: this.packetBytes(BODY + 4, captured, length) }
  }

  private packetBytes(start: number, captured: number, length: number): Buffer {
    if (start + captured <= length - 4) return this.queue.slice(start, start + captured)
    throw new CaptureError(`byte ${this.queue.offset}: a packet is longer than its block`)
  }

  private interfaceAt(index: number): Interface {
    const found = this.interfaces[index]
    if (found !== undefined) return found
    throw new CaptureError(`byte ${this.queue.offset}: there is no interface ${index}`)
  }
}

/** A power of ten, or with the highest bit of two. */
const resolutionOf = (code: number): number => (code & 0x80 ? 2 ** (code & 0x7f) : 10 ** code)
