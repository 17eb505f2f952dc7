/** Finds the TCP segment in a packet: after the header of its link, then that of IP, then that of TCP. */
import type { Packet } from './packet.js'

export interface Segment {
  /** Addresses and ports of both ends as in the packet: the same for all packets of one direction. */
  readonly flow: string
  readonly isIpv6: boolean
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly isReset: boolean
  readonly payload: Buffer
}

const ETHERNET_IPV4 = 0x0800
const ETHERNET_IPV6 = 0x86dd
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8])
const TAG_LENGTH = 4

/** Where the IP header begins, by the link type. */
const IP_STARTS: Readonly<Record<number, (bytes: Buffer) => number>> = {
  // BSD loopback: the family of addresses, four bytes.
  0: () => 4,
  1: ethernetIpStart,
  // Raw IP, under its three numbers.
  12: () => 0,
  14: () => 0,
  101: () => 0,
  108: () => 4,
  // What tcpdump -i any captures on Linux.
  113: () => 16,
  228: () => 0,
  229: () => 0,
  276: () => 20,
}

export const isKnownLinkType = (linkType: number): boolean => linkType in IP_STARTS

/** Undefined for other protocols than TCP, and for all fragments of IP packets except the first. */
export function segmentIn({ linkType, bytes }: Packet): Segment | undefined {
  const start = IP_STARTS[linkType]?.(bytes) ?? -1
  if (start < 0 || bytes.length < start + IPV4_LENGTH_MIN) return undefined
  const version = bytes[start]! >> 4
  if (version === 4) return ipv4Segment(bytes, start)
  return version === 6 ? ipv6Segment(bytes, start) : undefined
}

function ethernetIpStart(bytes: Buffer): number {
  let place = 12
  while (place + 2 <= bytes.length && TAGS.has(bytes.readUInt16BE(place))) place += TAG_LENGTH
  if (place + 2 > bytes.length) return -1
  const type = bytes.readUInt16BE(place)
  return type === ETHERNET_IPV4 || type === ETHERNET_IPV6 ? place + 2 : -1
}

const TCP = 6
const IPV4_LENGTH_MIN = 20
const IPV4_TOTAL_LENGTH = 2
const IPV4_FRAGMENT = 6
const IPV4_PROTOCOL = 9
const IPV4_ADDRESSES = 12
const IPV4_FRAGMENT_OFFSET_MASK = 0x1fff

function ipv4Segment(bytes: Buffer, start: number): Segment | undefined {
  const isFragment = (bytes.readUInt16BE(start + IPV4_FRAGMENT) & IPV4_FRAGMENT_OFFSET_MASK) !== 0
  if (bytes[start + IPV4_PROTOCOL] !== TCP || isFragment) return undefined
  const headerLength = (bytes[start]! & 0xf) * 4
  // 0 if the network card was to fill it in (segmentation offload): then the packet ends with its bytes.
  const totalLength = bytes.readUInt16BE(start + IPV4_TOTAL_LENGTH) || bytes.length - start
  const addresses = bytes.toString('latin1', start + IPV4_ADDRESSES, start + IPV4_LENGTH_MIN)
  return tcpSegment(bytes, start + headerLength, start + totalLength, addresses, false)
}

const IPV6_LENGTH = 40
const IPV6_PAYLOAD_LENGTH = 4
const IPV6_NEXT_HEADER = 6
const IPV6_ADDRESSES = 8
/** Hop-by-hop, routing, destination options: a next header, a length in units of eight bytes. */
const IPV6_EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60])

function ipv6Segment(bytes: Buffer, start: number): Segment | undefined {
  if (bytes.length < start + IPV6_LENGTH) return undefined
  let next = bytes[start + IPV6_NEXT_HEADER]!
  let place = start + IPV6_LENGTH
  while (IPV6_EXTENSIONS.has(next) && place + 8 <= bytes.length) {
    next = bytes[place]!
    place += (bytes[place + 1]! + 1) * 8
  }
  if (next !== TCP) return undefined
  const payloadLength = bytes.readUInt16BE(start + IPV6_PAYLOAD_LENGTH)
  const end = payloadLength === 0 ? bytes.length : start + IPV6_LENGTH + payloadLength
  const addresses = bytes.toString('latin1', start + IPV6_ADDRESSES, start + IPV6_LENGTH)
  return tcpSegment(bytes, place, end, addresses, true)
}

const TCP_LENGTH_MIN = 20
const TCP_SEQUENCE = 4
const TCP_OFFSET = 12
const TCP_FLAGS = 13
const FIN = 1
const SYN = 2
const RST = 4

function tcpSegment(
  bytes: Buffer,
  start: number,
  end: number,
  addresses: string,
  isIpv6: boolean,
): Segment | undefined {
  if (bytes.length < start + TCP_LENGTH_MIN) return undefined
  const flags = bytes[start + TCP_FLAGS]!
  const payloadStart = start + (bytes[start + TCP_OFFSET]! >> 4) * 4
  return {
    flow: addresses + bytes.toString('latin1', start, start + 4),
    isIpv6,
    sourcePort: bytes.readUInt16BE(start),
    destinationPort: bytes.readUInt16BE(start + 2),
    sequence: bytes.readUInt32BE(start + TCP_SEQUENCE),
    isFirst: (flags & SYN) !== 0,
    isLast: (flags & FIN) !== 0,
    isReset: (flags & RST) !== 0,
    payload: bytes.subarray(payloadStart, Math.max(payloadStart, end)),
  }
}

/** Both ends of a direction in readable form: `10.0.0.1:40000 > 10.0.0.2:11211`. */
export function showFlow({ flow, isIpv6, sourcePort, destinationPort }: Segment): string {
  const addresses = Buffer.from(flow, 'latin1')
  const length = isIpv6 ? 16 : 4
  const show = isIpv6 ? showIpv6 : (address: Buffer) => address.join('.')
  const source = show(addresses.subarray(0, length))
  const destination = show(addresses.subarray(length, 2 * length))
  return `${source}:${sourcePort} > ${destination}:${destinationPort}`
}

/** The longest run of zeros is left out, as in RFC 5952. */
function showIpv6(address: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => address.readUInt16BE(2 * index).toString(16))
  const runs = `:${groups.join(':')}:`.match(/(?<=:)(?:0:){2,}/g) ?? []
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '')
  if (longest === '') return `[${groups.join(':')}]`
  const [before = '', after = ''] = splitAt(`:${groups.join(':')}:`, `:${longest}`)
  return `[${before.slice(1)}::${after.slice(0, -1)}]`
}

function splitAt(text: string, part: string): [string, string] {
  const start = text.indexOf(part)
  return [text.slice(0, start), text.slice(start + part.length)]
}
