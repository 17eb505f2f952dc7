/** Servers that break a rule of the binary protocol. */
import { frameLength, HEADER_LENGTH, Op, opcodeOf, reply, request, statusOf } from '../support/frames.js'
import type { Cut, Tampering } from './broken-server.js'
import { type Fault, fault } from './fault.js'

export const frameByFrame: Cut = (bytes) => {
  const pieces: Buffer[] = []
  let rest = bytes
  for (let length = frameLength(rest); length !== undefined; length = frameLength(rest)) {
    pieces.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return { pieces, rest }
}

/** A copy of a frame, changed. */
function changed(frame: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(frame)
  change(copy)
  return copy
}

const onlyOf =
  (opcode: number, tamper: (frame: Buffer) => Buffer) =>
  (frame: Buffer): Buffer =>
    opcodeOf(frame) === opcode ? tamper(frame) : frame

const onlyStatus =
  (status: number, tamper: (frame: Buffer) => Buffer) =>
  (frame: Buffer): Buffer =>
    statusOf(frame) === status ? tamper(frame) : frame

const silence = (): Buffer => Buffer.alloc(0)
const withCas =
  (cas: bigint) =>
  (frame: Buffer): Buffer =>
    changed(frame, (copy) => copy.writeBigUInt64BE(cas, 16))
const asOpcode =
  (opcode: number) =>
  (frame: Buffer): Buffer =>
    changed(frame, (copy) => copy.writeUInt8(opcode, 1))
const withStatus =
  (status: number) =>
  (frame: Buffer): Buffer =>
    changed(frame, (copy) => copy.writeUInt16BE(status, 6))
const withoutBody = (frame: Buffer): Buffer =>
  reply(opcodeOf(frame), { status: statusOf(frame), opaque: frame.readUInt32BE(12) })

/** Gives a request and its replies another opcode: makes a server answer where it should be quiet. */
const swapped = (from: number, to: number): Tampering => ({
  request: onlyOf(from, asOpcode(to)),
  reply: onlyOf(to, asOpcode(from)),
})

/** The fence of the checks is a NOOP too: a fault of NOOP changes only one that comes alone. */
const isFence = (frame: Buffer): boolean => frame.readUInt32BE(12) === 0xfe0cefe0

export const BINARY_FAULTS: readonly Fault[] = [
  fault('answers with the magic of a request', 'binary.delete.hit', {
    reply: onlyOf(Op.DELETE, (frame) => changed(frame, (copy) => copy.writeUInt8(0x80, 0))),
  }),
  fault('forgets the opaque', 'binary.session.opaque', {
    reply: (frame) => (isFence(frame) ? frame : changed(frame, (copy) => copy.writeUInt32BE(0, 12))),
  }),
  fault('does not echo the opaque of errors', 'binary.session.opaque-of-errors', {
    reply: onlyStatus(0x81, (frame) => changed(frame, (copy) => copy.writeUInt32BE(0, 12))),
  }),
  fault('sends a data type', 'binary.get.hit', {
    reply: onlyOf(Op.GET, (frame) => changed(frame, (copy) => copy.writeUInt8(1, 5))),
  }),
  fault('replies with another opcode', 'binary.append.append', {
    reply: onlyOf(Op.APPEND, asOpcode(Op.PREPEND)),
  }),
  fault('returns no cas for a SET', 'binary.store.set', { reply: onlyOf(Op.SET, withCas(0n)) }),
  fault('gives every item the same cas', 'binary.cas.two-items', {
    reply: (frame) => (frame.readBigUInt64BE(16) === 0n ? frame : withCas(7n)(frame)),
  }),
  fault('tells a cas for a DELETE', 'binary.delete.hit', { reply: onlyOf(Op.DELETE, withCas(9n)) }),
  fault('returns another cas for each GET', 'binary.get.cas-is-kept', { reply: onlyOf(Op.GET, counting()) }),
  fault('ignores the cas of a SET', 'binary.cas.set-wrong', {
    request: onlyOf(Op.SET, withCas(0n)),
  }),
  fault('ignores the cas of a DELETE', 'binary.cas.delete-wrong', {
    request: onlyOf(Op.DELETE, withCas(0n)),
  }),
  fault('answers a GET without flags', 'binary.get.hit', { reply: onlyOf(Op.GET, withoutExtras) }),
  fault('stores no flags', 'binary.store.flags', {
    request: onlyOf(Op.SET, (frame) => changed(frame, (copy) => copy.writeUInt32BE(0, HEADER_LENGTH))),
  }),
  fault('answers GETK without the key', 'binary.get.getk-hit', swapped(Op.GETK, Op.GET)),
  fault('answers GET with the key', 'binary.get.hit', swapped(Op.GET, Op.GETK)),
  fault('answers a miss of GETQ', 'binary.get.getq-miss', swapped(Op.GETQ, Op.GET)),
  fault('sends no reply for a miss of GET', 'binary.get.miss', {
    request: onlyOf(Op.GET, asOpcode(Op.GETQ)),
    reply: onlyOf(Op.GETQ, asOpcode(Op.GET)),
  }),
  fault('answers a SETQ', 'binary.store.setq', swapped(Op.SETQ, Op.SET)),
  fault('answers a DELETEQ', 'binary.delete.quiet-hit', swapped(Op.DELETEQ, Op.DELETE)),
  fault('answers an INCREMENTQ', 'binary.counter.incrementq', swapped(Op.INCREMENTQ, Op.INCREMENT)),
  fault('sends no reply for an ADDQ that fails', 'binary.store.addq-existing', {
    reply: onlyOf(Op.ADDQ, silence),
  }),
  fault('lets ADD replace an existing item', 'binary.store.add-existing', swapped(Op.ADD, Op.SET)),
  fault('lets REPLACE create an item', 'binary.store.replace-missing', swapped(Op.REPLACE, Op.SET)),
  fault('has another status for an APPEND that fails', 'binary.append.append-missing', {
    reply: onlyStatus(0x05, withStatus(0x01)),
  }),
  fault('sends errors without a text', 'binary.delete.miss', { reply: onlyStatus(0x01, withoutBody) }),
  fault('has another text for a miss', 'binary.get.miss', {
    reply: onlyStatus(0x01, (frame) =>
      Buffer.from(frame.toString('latin1').replace('Not found', 'not found'), 'latin1'),
    ),
  }),
  fault('sends a counter as digits', 'binary.counter.increment', {
    reply: onlyOf(Op.INCREMENT, (frame) =>
      reply(Op.INCREMENT, { opaque: frame.readUInt32BE(12), cas: frame.readBigUInt64BE(16), value: '15' }),
    ),
  }),
  fault('creates counters despite an expiry of ffffffff', 'binary.counter.increment-not-created', {
    request: onlyOf(Op.INCREMENT, (frame) =>
      changed(frame, (copy) => copy.writeUInt32BE(0, HEADER_LENGTH + 16)),
    ),
  }),
  fault('counts with 32 bits', 'binary.counter.beyond-signed', {
    reply: onlyOf(Op.INCREMENT, (frame) =>
      changed(frame, (copy) => copy.length === 32 && copy.writeUInt32BE(0, HEADER_LENGTH)),
    ),
  }),
  fault('counts a text as the number 0', 'binary.counter.text', {
    reply: onlyStatus(0x06, (frame) =>
      reply(opcodeOf(frame), { opaque: frame.readUInt32BE(12), cas: 5n, value: Buffer.alloc(8) }),
    ),
  }),
  fault('answers a TOUCH without flags', 'binary.touch.touch', { reply: onlyOf(Op.TOUCH, withoutExtras) }),
  fault('does not touch with a GAT', 'binary.touch.gat-lengthens', {
    request: onlyOf(Op.GAT, (frame) => changed(frame, (copy) => copy.writeUInt32BE(1, HEADER_LENGTH))),
  }),
  fault('lets nothing end', 'binary.expiry.ends', {
    request: onlyOf(Op.SET, (frame) => changed(frame, (copy) => copy.writeUInt32BE(0, HEADER_LENGTH + 4))),
  }),
  fault('treats an absolute time as a relative one', 'binary.expiry.absolute-past', {
    request: onlyOf(Op.SET, (frame) =>
      changed(
        frame,
        (copy) =>
          copy.readUInt32BE(HEADER_LENGTH + 4) === 2592001 && copy.writeUInt32BE(9999, HEADER_LENGTH + 4),
      ),
    ),
  }),
  fault('ends statistics without an empty reply', 'binary.statistics.settings', {
    reply: onlyOf(Op.STAT, (frame) =>
      frame.length === HEADER_LENGTH && frame.readUInt32BE(12) >= 0xa1b2c300 ? silence() : frame,
    ),
  }),
  fault('answers an unknown opcode with another status', 'binary.session.unknown-opcode-0xff', {
    reply: onlyStatus(0x81, withStatus(0x04)),
  }),
  fault('stays connected behind a wrong request', 'binary.malformed.get-with-extras', {
    request: onlyOf(Op.GET, (frame) =>
      frame.readUInt8(4) > 0 ? request(0x55, { opaque: frame.readUInt32BE(12) }) : frame,
    ),
    reply: onlyOf(0x55, (frame) =>
      reply(Op.GET, { status: 4, value: 'Invalid arguments', opaque: frame.readUInt32BE(12) }),
    ),
  }),
  fault('does not answer a QUIT', 'binary.session.quit', { reply: onlyOf(Op.QUIT, silence) }),
  fault('cuts values at a NUL', 'binary.get.any-bytes', { reply: onlyOf(Op.GET, cutAtZero) }),
  fault('appends before', 'binary.append.append', swapped(Op.APPEND, Op.PREPEND)),
]

function counting(): (frame: Buffer) => Buffer {
  let cas = 1000n
  return (frame) => (statusOf(frame) === 0 ? withCas(cas++)(frame) : frame)
}

function withoutExtras(frame: Buffer): Buffer {
  const length = frame.readUInt8(4)
  const rest = { opaque: frame.readUInt32BE(12), cas: frame.readBigUInt64BE(16), status: statusOf(frame) }
  return reply(opcodeOf(frame), { ...rest, value: frame.subarray(HEADER_LENGTH + length) })
}

function cutAtZero(frame: Buffer): Buffer {
  const zero = frame.indexOf(0, HEADER_LENGTH + 4)
  if (zero === -1 || statusOf(frame) !== 0) return frame
  const rest = { opaque: frame.readUInt32BE(12), cas: frame.readBigUInt64BE(16) }
  const extras = frame.subarray(HEADER_LENGTH, HEADER_LENGTH + 4)
  return reply(opcodeOf(frame), { ...rest, extras, value: frame.subarray(HEADER_LENGTH + 4, zero) })
}
