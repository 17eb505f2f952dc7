import { expect } from 'chai'
import {
  answer,
  ask,
  bytes,
  END,
  invalid,
  unknown,
  useBinaryTranscripts,
} from '../../support/binary-transcript.js'
import {
  counterExtras,
  type FrameFields,
  itemExtras,
  Op,
  reply,
  request,
  uint32,
} from '../../support/frames.js'
import { useServer } from '../../support/server.js'

/** Requests whose parts are not those of their command. */
const MALFORMED: readonly [what: string, opcode: number, FrameFields][] = [
  ['GET without a key', Op.GET, {}],
  ['GET with a value', Op.GET, { key: 'k', value: 'v' }],
  ['GET with extras', Op.GET, { key: 'k', extras: '1234' }],
  ['GET with a key of 251 bytes', Op.GET, { key: 'k'.repeat(251) }],
  ['GET with a key of 365 bytes', Op.GET, { key: 'k'.repeat(365) }],
  ['GETQ without a key', Op.GETQ, {}],
  ['an unknown opcode with a key of 251 bytes', 0x77, { key: 'k'.repeat(251) }],
  ['GETKQ with a value', Op.GETKQ, { key: 'k', value: 'v' }],
  ['SET without extras', Op.SET, { key: 'k', value: 'v' }],
  ['SET with too short extras', Op.SET, { key: 'k', extras: '1234', value: 'v' }],
  ['SET with too long extras', Op.SET, { key: 'k', extras: '123456789abc', value: 'v' }],
  ['SET without a key', Op.SET, { extras: itemExtras(), value: 'v' }],
  ['SET with a key of 251 bytes', Op.SET, { key: 'k'.repeat(251), extras: itemExtras(), value: 'v' }],
  ['SETQ without extras', Op.SETQ, { key: 'k', value: 'v' }],
  ['ADD without extras', Op.ADD, { key: 'k', value: 'v' }],
  ['REPLACE without a key', Op.REPLACE, { extras: itemExtras(), value: 'v' }],
  ['DELETE without a key', Op.DELETE, {}],
  ['DELETE with extras', Op.DELETE, { key: 'k', extras: '1234' }],
  ['DELETE with a value', Op.DELETE, { key: 'k', value: 'v' }],
  ['APPEND with extras', Op.APPEND, { key: 'k', extras: '1234', value: 'v' }],
  ['PREPEND without a key', Op.PREPEND, { value: 'v' }],
  ['INCREMENT without extras', Op.INCREMENT, { key: 'k' }],
  ['INCREMENT with a value', Op.INCREMENT, { key: 'k', extras: counterExtras(1n), value: 'v' }],
  ['DECREMENT without a key', Op.DECREMENT, { extras: counterExtras(1n) }],
  ['TOUCH without extras', Op.TOUCH, { key: 'k' }],
  ['TOUCH with too long extras', Op.TOUCH, { key: 'k', extras: itemExtras() }],
  ['TOUCH without a key', Op.TOUCH, { extras: uint32(1) }],
  ['GAT without extras', Op.GAT, { key: 'k' }],
  ['GATKQ without extras', Op.GATKQ, { key: 'k' }],
  ['FLUSH with a key', Op.FLUSH, { key: 'k' }],
  ['FLUSH with too long extras', Op.FLUSH, { extras: itemExtras() }],
  ['NOOP with extras', Op.NOOP, { extras: '1234' }],
  ['NOOP with a key', Op.NOOP, { key: 'k' }],
  ['NOOP with a value', Op.NOOP, { value: 'v' }],
  ['VERSION with a key', Op.VERSION, { key: 'k' }],
  ['QUIT with a key', Op.QUIT, { key: 'k' }],
  ['QUITQ with a value', Op.QUITQ, { value: 'v' }],
  ['STAT with extras', Op.STAT, { extras: '1234' }],
  ['SASL LIST with a key', Op.SASL_LIST, { key: 'k' }],
  ['SASL AUTH without a key', Op.SASL_AUTH, { value: 'v' }],
  ['SASL AUTH with extras', Op.SASL_AUTH, { key: 'PLAIN', extras: '1234' }],
]

/** Requests whose parts do not fit into their body. */
const CONTRADICTORY: readonly [what: string, opcode: number, FrameFields][] = [
  ['a key longer than the body', Op.GET, { keyLength: 3, bodyLength: 1 }],
  ['a key longer than the body, even if it arrives', Op.GET, { key: 'key', bodyLength: 1 }],
  ['extras longer than the body', Op.SET, { keyLength: 1, extrasLength: 8, bodyLength: 7 }],
  ['extras and a key longer than the body', Op.SET, { key: 'k', extras: itemExtras(), bodyLength: 8 }],
]

/** Bodies above all limits, which never arrive. */
const HUGE: readonly [what: string, opcode: number, FrameFields][] = [
  ['a body of 2^31 bytes', Op.SET, { keyLength: 1, extrasLength: 8, bodyLength: 0x80000000 }],
  ['a body of nearly 2^32 bytes', Op.ADDQ, { keyLength: 1, extrasLength: 8, bodyLength: 0xffffffe8 }],
  ['a body of 2^32 - 1 bytes', Op.GET, { keyLength: 1, bodyLength: 0xffffffff }],
  ['a huge body of a command without one', Op.NOOP, { bodyLength: 0x7fffffff }],
]

describe('A malformed binary request is refused, and its connection is closed:', () => {
  const transcript = useBinaryTranscripts()

  for (const [what, opcode, fields] of MALFORMED)
    transcript(what, [[ask(opcode, { ...fields, opaque: 7 }), invalid(opcode, { opaque: 7 }), END]])

  for (const [what, opcode, fields] of CONTRADICTORY)
    transcript(what, [[ask(opcode, { ...fields, opaque: 7 }), unknown(opcode, { opaque: 7 }), END]])

  for (const [what, opcode, fields] of HUGE)
    transcript(what, [[ask(opcode, { ...fields, opaque: 7 }), invalid(opcode, { opaque: 7 }), END]])
})

describe('Bytes that are not a binary request', () => {
  const transcript = useBinaryTranscripts()

  transcript('close a connection that used binary before', [
    [ask(Op.NOOP), answer(Op.NOOP)],
    [bytes(Buffer.from(`version\r\n${' '.repeat(30)}`)), END],
  ])

  transcript('close it when they look like a reply', [
    [ask(Op.NOOP), answer(Op.NOOP)],
    [bytes(reply(Op.NOOP)), END],
  ])
})

describe('After a malformed request', () => {
  const server = useServer()

  it('nothing is executed, even if more was sent in one piece', async () => {
    const connection = await server().connect()
    const set = request(Op.SET, { key: 'late', extras: itemExtras(), value: 'v' })
    connection.send(Buffer.concat([request(Op.GET), set, set, set]))
    const { bytes: received, ending } = await connection.receiveRest()
    expect(received).to.deep.equal(reply(Op.GET, { status: 0x04, value: 'Invalid arguments' }))
    expect(ending).to.equal('end of stream')
    expect(await connection.isRefusingBytes()).to.equal(true)

    const other = await server().connect()
    other.send(request(Op.GET, { key: 'late' }))
    const missing = reply(Op.GET, { status: 0x01, value: 'Not found' })
    expect(await other.receive(missing.length)).to.deep.equal(missing)
    other.close()
  })
})
