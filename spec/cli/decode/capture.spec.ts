import { expect } from 'chai'
import { itemExtras, Op, reply, request, uint32 } from '../../support/frames.js'
import { runTool } from '../../support/tool.js'
import { LinkType, type Packet, pcap, pcapng } from './capture.js'

const SET = request(Op.SET, { key: 'sky', value: 'blue', extras: itemExtras(5, 60), opaque: 7 })
const STORED = reply(Op.SET, { opaque: 7, cas: 12n })
const GET = request(Op.GET, { key: 'sky', opaque: 8 })
const HIT = reply(Op.GET, { extras: uint32(5), value: 'blue', opaque: 8, cas: 12n })

const LINES = {
  set: 'request set key="sky" flags=5 expiry=60 opaque=0x00000007 value[4]="blue"',
  stored: 'reply set OK cas=12 opaque=0x00000007',
  get: 'request get key="sky" opaque=0x00000008',
  hit: 'reply get OK flags=5 cas=12 opaque=0x00000008 value[4]="blue"',
}

/** Both directions, from the first segment to the last. */
const TALK: readonly Packet[] = [
  { sequence: 0xffffffff, flags: 'SYN' },
  { sequence: 499, flags: 'SYN', toServer: false },
  { sequence: 0, payload: SET },
  { sequence: 500, payload: STORED, toServer: false },
  { sequence: SET.length, payload: GET },
  { sequence: 500 + STORED.length, payload: HIT, toServer: false },
  { sequence: SET.length + GET.length, flags: 'FIN' },
  { sequence: 500 + STORED.length + HIT.length, flags: 'FIN', toServer: false },
]

/** The output without times and addresses. */
async function messagesIn(file: Buffer, ...options: string[]): Promise<string[]> {
  const { out } = await runTool(['decode', ...options], { input: file })
  return out
    .split('\n')
    .slice(0, -1)
    .map((line) => line.replace(/^\S+ \S+ > \S+ /, ''))
}

const ALL = [LINES.set, LINES.stored, LINES.get, LINES.hit]

/** A text, with one segment for each of these pieces. */
function segments(pieces: readonly string[], start = 0): Packet[] {
  let sequence = start
  return pieces.map((payload) => {
    const packet = { sequence, payload }
    sequence += payload.length
    return packet
  })
}

describe('decode, of a capture', () => {
  const shapes: Readonly<Record<string, Parameters<typeof pcap>[1]>> = {
    'Ethernet and IPv4': {},
    'Ethernet and IPv6': { ipv6: true },
    'tagged Ethernet': { tagCount: 2 },
    'BSD loopback': { linkType: LinkType.LOOPBACK },
    'raw IP': { linkType: LinkType.RAW },
    'raw IPv6': { linkType: LinkType.RAW, ipv6: true },
    'what Linux calls any': { linkType: LinkType.LINUX_SLL },
    'a machine of the other byte order': { isBigEndian: true },
    nanoseconds: { isNanoseconds: true },
  }
  for (const [name, shape] of Object.entries(shapes)) {
    it(`prints both directions in the order of their packets: ${name}`, async () => {
      expect(await messagesIn(pcap(TALK, shape))).to.deep.equal(ALL)
    })
  }

  it('reads the files of Wireshark too', async () => {
    expect(await messagesIn(pcapng(TALK))).to.deep.equal(ALL)
    expect(await messagesIn(pcapng(TALK, { linkType: LinkType.RAW, ipv6: true }))).to.deep.equal(ALL)
  })

  it('prints the seconds since the first packet, the source and the destination', async () => {
    const { out, code } = await runTool(['decode'], { input: pcap(TALK) })
    expect(out).to.match(/^0\.002000 10\.0\.0\.1:40000 > 10\.0\.0\.2:11211 request set/)
    expect(out).to.match(/^0\.003000 10\.0\.0\.2:11211 > 10\.0\.0\.1:40000 reply set/m)
    expect(code).to.equal(0)
    const { out: six } = await runTool(['decode'], { input: pcap(TALK, { ipv6: true }) })
    expect(six).to.match(/^0\.002000 \[fd00::1\]:40000 > \[::1\]:11211 request set/)
  })

  it('reads a file however it is cut', async () => {
    const file = pcap(TALK)
    const crumbs = Array.from(file, (byte) => Buffer.of(byte))
    const { out } = await runTool(['decode'], { input: crumbs })
    expect(out).to.equal((await runTool(['decode'], { input: file })).out)
  })

  it('joins a message of many segments', async () => {
    const pieces = segments(['get a', 'bc', '\r', '\nget d\r\n'])
    expect(await messagesIn(pcap(pieces))).to.deep.equal(['request get keys="abc"', 'request get keys="d"'])
  })

  it('puts segments in order', async () => {
    const [a, b, c, d] = segments(['get a\r\n', 'get b\r\n', 'get c\r\n', 'get d\r\n'])
    expect(await messagesIn(pcap([a!, d!, c!, b!]))).to.deep.equal(
      ['a', 'b', 'c', 'd'].map((key) => `request get keys="${key}"`),
    )
  })

  it('leaves out bytes that arrive twice, also in part', async () => {
    const packets = [
      { sequence: 0, payload: 'get a\r\n' },
      { sequence: 0, payload: 'get a\r\n' },
      { sequence: 4, payload: 'a\r\nget b\r\n' },
      { sequence: 7, payload: 'get b\r\nge' },
      { sequence: 14, payload: 'get c\r\n' },
    ]
    expect(await messagesIn(pcap(packets))).to.deep.equal(
      ['a', 'b', 'c'].map((key) => `request get keys="${key}"`),
    )
  })

  it('handles sequence numbers that wrap at 2^32', async () => {
    const pieces = segments(['get a\r\n', 'get b\r\n'], 0xfffffffc).map((packet) => ({
      ...packet,
      sequence: packet.sequence >>> 0,
    }))
    expect(await messagesIn(pcap(pieces))).to.deep.equal(['request get keys="a"', 'request get keys="b"'])
  })

  it('reports bytes that are missing in the capture, and continues with the next message', async () => {
    const [a, , c, d] = segments(['get a\r\n', 'get b\r\nget', ' c\r\nget d\r\n', 'get e\r\n'])
    const { code } = await runTool(['decode'], { input: pcap([a!, c!, d!]) })
    expect(code).to.equal(1)
    expect(await messagesIn(pcap([a!, c!, d!]))).to.deep.equal([
      'request get keys="a"',
      '! 10 bytes are not in the capture',
      'request get keys="d"',
      'request get keys="e"',
    ])
  })

  it('skips the rest of a value that is missing in the capture', async () => {
    const big = request(Op.SET, { key: 'k', value: 'v'.repeat(70_000), extras: itemExtras() })
    const packets = [
      { sequence: 0, payload: big.subarray(0, 3000) },
      { sequence: big.length, payload: GET },
    ]
    const [set, gap, get] = await messagesIn(pcap(packets))
    expect(set).to.match(/^request set key="k" .* value\[70000\]="v{48}"\.\.\.$/)
    expect([gap, get]).to.deep.equal([`! ${big.length - 3000} bytes are not in the capture`, LINES.get])
  })

  it('finds a message in a connection that began before the capture', async () => {
    const packets = [{ sequence: 77, payload: Buffer.concat([SET.subarray(20), GET]) }]
    expect(await messagesIn(pcap(packets))).to.deep.equal([LINES.get])
  })

  it('treats bytes that the capture cut off as missing', async () => {
    const packets = [
      { sequence: 0, payload: GET, cutLength: 10 },
      { sequence: GET.length, payload: GET },
    ]
    expect((await messagesIn(pcap(packets))).at(-1)).to.equal(LINES.get)
  })

  it('looks only at the port that it was given', async () => {
    const packets = [
      { sequence: 0, payload: 'get a\r\n' },
      { sequence: 0, payload: 'get b\r\n', port: 22122 },
    ]
    expect(await messagesIn(pcap(packets), '--port', '22122')).to.deep.equal(['request get keys="b"'])
  })

  it('distinguishes connections, also when they use the same ports again', async () => {
    const packets: Packet[] = [
      { sequence: 1, payload: 'get a', clientPort: 1 },
      { sequence: 1, payload: 'get b\r\n', clientPort: 2 },
      { sequence: 6, payload: 'a\r\n', clientPort: 1 },
      { sequence: 900_000, flags: 'SYN', clientPort: 1 },
      { sequence: 900_000, flags: 'SYN', clientPort: 1 },
      { sequence: 900_001, payload: 'get c\r\n', clientPort: 1 },
      { sequence: 500, flags: 'SYN', clientPort: 1 },
      { sequence: 501, payload: 'get d\r\n', clientPort: 1 },
    ]
    expect(await messagesIn(pcap(packets))).to.deep.equal(
      ['b', 'aa', 'c', 'd'].map((key) => `request get keys="${key}"`),
    )
  })

  it('does not mistake a retransmission of a closed connection for a new connection', async () => {
    const packets: Packet[] = [
      { sequence: 0, flags: 'SYN' },
      { sequence: 1, payload: 'get a\r\n', flags: 'FIN' },
      { sequence: 1, payload: 'get a\r\n', flags: 'FIN' },
    ]
    expect(await messagesIn(pcap(packets))).to.deep.equal(['request get keys="a"'])
  })

  it('waits for an earlier segment, but not without limit', async () => {
    const piece = `get ${'k'.repeat(994)}\r\n`
    const later = Array.from({ length: 400 }, (_, index) => ({
      sequence: 1000 * (index + 1),
      payload: piece,
    }))
    const packets = [{ sequence: 0, payload: 'get a\r\n' }, ...later]
    const lines = await messagesIn(pcap(packets))
    expect(lines.slice(0, 2)).to.deep.equal(['request get keys="a"', '! 993 bytes are not in the capture'])
    expect(lines.length).to.equal(402)
    const alone = await messagesIn(pcap(packets.slice(0, 100)))
    expect(alone[1]).to.equal('! 993 bytes are not in the capture')
  })

  it('skips what is not TCP', async () => {
    const file = pcap([{ sequence: 0, payload: 'get a\r\n' }])
    const udp = Buffer.from(file)
    udp[24 + 16 + 14 + 9] = 17
    expect(await messagesIn(udp)).to.deep.equal([])
  })

  it('reports what is wrong with a file', async () => {
    const cut = await runTool(['decode'], { input: pcap(TALK).subarray(0, -3) })
    expect(cut).to.deep.include({ code: 1, complaints: ['-: the last packet is cut off'] })
    const unknown = await runTool(['decode'], { input: patched(pcap(TALK), 20, 147) })
    expect(unknown).to.deep.include({
      code: 1,
      complaints: ['-: packets of link type 147 are not understood'],
    })
    const huge = await runTool(['decode'], { input: patched(pcap(TALK), 32, 0x7fffffff) })
    expect(huge.complaints).to.deep.equal(['-: byte 24: a packet of 2147483647 bytes is not valid'])
  })
})

function patched(file: Buffer, offset: number, value: number): Buffer {
  const copy = Buffer.from(file)
  copy.writeUInt32LE(value, offset)
  return copy
}
