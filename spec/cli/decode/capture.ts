/** Capture files for the specs, written by hand: apart from the code that reads them. */

export const LinkType = { LOOPBACK: 0, ETHERNET: 1, RAW: 101, LINUX_SLL: 113 } as const

/** One TCP segment. */
export interface Packet {
  readonly sequence: number
  readonly payload?: string | Buffer
  readonly toServer?: boolean
  readonly flags?: 'SYN' | 'FIN' | 'RST'
  readonly port?: number
  readonly clientPort?: number
  /** Bytes that the capture left out at the end. */
  readonly cutLength?: number
}

interface Shape {
  readonly linkType?: number
  readonly ipv6?: boolean
  readonly isBigEndian?: boolean
  readonly isNanoseconds?: boolean
  /** Virtual networks that the frames are tagged with. */
  readonly tagCount?: number
}

const FLAGS = { SYN: 0x02, FIN: 0x01, RST: 0x04 } as const
const ACK = 0x10

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16BE(value)
  return bytes
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value >>> 0)
  return bytes
}

function tcp({
  sequence,
  payload = '',
  toServer = true,
  flags,
  port = 11211,
  clientPort = 40000,
}: Packet): Buffer {
  const [source, destination] = toServer ? [clientPort, port] : [port, clientPort]
  return Buffer.concat([
    uint16(source),
    uint16(destination),
    uint32(sequence),
    uint32(0),
    // Twelve bytes of options, as most systems send them.
    Buffer.of(0x80, ACK | (flags === undefined ? 0 : FLAGS[flags]), 1, 0, 0, 0, 0, 0),
    Buffer.alloc(12, 1),
    typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload,
  ])
}

function ip(segment: Buffer, toServer: boolean, ipv6: boolean): Buffer {
  const [client, server] = ipv6
    ? [
        Buffer.from('fd000000000000000000000000000001', 'hex'),
        Buffer.from('00000000000000000000000000000001', 'hex'),
      ]
    : [Buffer.of(10, 0, 0, 1), Buffer.of(10, 0, 0, 2)]
  const addresses = toServer ? [client, server] : [server, client]
  const head = ipv6
    ? [uint32(0x60000000), uint16(segment.length), Buffer.of(6, 64)]
    : [Buffer.of(0x45, 0), uint16(20 + segment.length), uint32(0), Buffer.of(64, 6, 0, 0)]
  return Buffer.concat([...head, ...addresses, segment])
}

function link(packet: Buffer, { linkType = LinkType.ETHERNET, ipv6 = false, tagCount = 0 }: Shape): Buffer {
  const type = uint16(ipv6 ? 0x86dd : 0x0800)
  const tags = Array.from({ length: tagCount }, () => Buffer.of(0x81, 0x00, 0x00, 0x05))
  const heads: Readonly<Record<number, Buffer[]>> = {
    [LinkType.LOOPBACK]: [uint32(2)],
    [LinkType.ETHERNET]: [Buffer.alloc(12, 2), ...tags, type],
    [LinkType.RAW]: [],
    [LinkType.LINUX_SLL]: [Buffer.alloc(14), type],
  }
  // Ethernet pads short packets.
  const filling = Buffer.alloc(linkType === LinkType.ETHERNET ? Math.max(0, 46 - packet.length) : 0)
  return Buffer.concat([...heads[linkType]!, packet, filling])
}

function onWire(packet: Packet, shape: Shape): Buffer {
  return link(ip(tcp(packet), packet.toServer ?? true, shape.ipv6 ?? false), shape)
}

/** A file of tcpdump. The packets are a millisecond apart. */
export function pcap(packets: readonly Packet[], shape: Shape = {}): Buffer {
  const { linkType = LinkType.ETHERNET, isBigEndian = false, isNanoseconds = false } = shape
  const number = (value: number): Buffer => (isBigEndian ? uint32(value) : uint32(value).reverse())
  const head = [isNanoseconds ? 0xa1b23c4d : 0xa1b2c3d4, 0, 0, 0, 65535, linkType].map(number)
  const unit = isNanoseconds ? 1e9 : 1e6
  const records = packets.map((packet, index) => {
    const whole = onWire(packet, shape)
    const captured = whole.subarray(0, whole.length - (packet.cutLength ?? 0))
    const milliseconds = 1_700_000_000_000 + index
    const time = [Math.floor(milliseconds / 1000), (milliseconds % 1000) * (unit / 1000)]
    return Buffer.concat([...[...time, captured.length, whole.length].map(number), captured])
  })
  return Buffer.concat([...head, ...records])
}

/** A file of Wireshark, with a block that must be skipped. */
export function pcapng(packets: readonly Packet[], shape: Shape = {}): Buffer {
  const little = (value: number): Buffer => uint32(value).reverse()
  const block = (type: number, body: Buffer): Buffer => {
    const filled = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
    const length = little(12 + filled.length)
    return Buffer.concat([little(type), length, filled, length])
  }
  const section = block(0x0a0d0d0a, Buffer.concat([little(0x1a2b3c4d), little(1), little(-1), little(-1)]))
  const nanoseconds = Buffer.of(9, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0)
  const face = block(
    1,
    Buffer.concat([little(shape.linkType ?? LinkType.ETHERNET), little(65535), nanoseconds]),
  )
  const records = packets.map((packet, index) => {
    const bytes = onWire(packet, shape)
    const time = BigInt(index) * 1_000_000n
    const head = [0, Number(time >> 32n), Number(time & 0xffffffffn), bytes.length, bytes.length]
    return block(6, Buffer.concat([...head.map(little), bytes]))
  })
  return Buffer.concat([section, face, block(5, Buffer.alloc(8)), ...records])
}
