import { expect } from 'chai'
import { binaryCodec } from '../../../lib/protocol/binary/client/binary-codec.js'
import { OPCODES } from '../../../lib/protocol/binary/opcodes.js'
import { Command } from '../../../lib/request/command.js'
import { counterExtras, itemExtras, Op, reply, request, uint32 } from '../../support/frames.js'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED, needs } from '../../support/peers.js'
import { useProcess, useServer } from '../../support/server.js'
import {
  type Exchange,
  encode,
  type Fence,
  type Fields,
  play,
  specifyRefusals,
  specifyWire,
} from './client-transcripts.js'

const value = Buffer.from('blue')
const long = Buffer.alloc(300, 'x')
const binaryKey = Buffer.from([0, 10, 32, 255])
const NEVER_CREATED = 0xffff_ffff

const EXCHANGES: readonly Exchange[] = [
  {
    ask: { command: Command.GET, key: 'sky', opaque: 5 },
    wire: request(Op.GET, { key: 'sky', opaque: 5 }),
    replies: ['NOT_FOUND #5 text=Not found'],
  },
  {
    ask: { command: Command.SET, key: 'sky', value, clientFlags: 4294967295, expiry: 100 },
    wire: request(Op.SET, { key: 'sky', value: 'blue', extras: itemExtras(4294967295, 100) }),
    replies: ['OK cas'],
  },
  {
    ask: { command: Command.GET, key: 'sky', opaque: 4294967295 },
    wire: request(Op.GET, { key: 'sky', opaque: 4294967295 }),
    replies: ['OK value=blue f4294967295 cas #4294967295'],
  },
  { ask: (cas) => ({ command: Command.SET, key: 'sky', value, cas }), replies: ['OK cas'] },
  {
    ask: { command: Command.SET, key: 'sky', value, cas: 18446744073709551615n, expiry: -1 },
    wire: request(Op.SET, {
      key: 'sky',
      value: 'blue',
      cas: 18446744073709551615n,
      extras: itemExtras(0, 0xffff_ffff),
    }),
    replies: ['EXISTS text=Data exists for key.'],
  },
  {
    ask: { command: Command.ADD, key: 'sky', value },
    wire: request(Op.ADD, { key: 'sky', value: 'blue', extras: itemExtras() }),
    replies: ['EXISTS text=Data exists for key.'],
  },
  {
    ask: { command: Command.ADD, key: 'new', value: new Uint8Array(0), clientFlags: 7, isQuiet: true },
    wire: request(Op.ADDQ, { key: 'new', extras: itemExtras(7) }),
    replies: [],
  },
  {
    ask: { command: Command.REPLACE, key: 'none', value },
    wire: request(Op.REPLACE, { key: 'none', value: 'blue', extras: itemExtras() }),
    replies: ['NOT_FOUND text=Not found'],
  },
  {
    ask: { command: Command.APPEND, key: 'sky', value },
    wire: request(Op.APPEND, { key: 'sky', value: 'blue' }),
    replies: ['OK cas'],
  },
  {
    ask: { command: Command.PREPEND, key: 'none', value },
    wire: request(Op.PREPEND, { key: 'none', value: 'blue' }),
    replies: ['NOT_STORED text=Not stored.'],
  },
  {
    ask: { command: Command.SET, key: binaryKey, value: long },
    wire: request(Op.SET, { key: binaryKey, value: long, extras: itemExtras() }),
    replies: ['OK cas'],
  },
  {
    ask: { command: Command.GET, keys: ['sky', 'none', binaryKey, 'new'], opaque: 10 },
    wire: Buffer.concat([
      request(Op.GETKQ, { key: 'sky', opaque: 10 }),
      request(Op.GETKQ, { key: 'none', opaque: 11 }),
      request(Op.GETKQ, { key: binaryKey, opaque: 12 }),
      request(Op.GETKQ, { key: 'new', opaque: 13 }),
      request(Op.NOOP, { opaque: 14 }),
    ]),
    replies: [
      'OK key=sky value=blueblue cas #10',
      'OK key=0x000a20ff value=300 bytes cas #12',
      'OK key=new value= f7 cas #13',
      'END #14',
    ],
  },
  {
    ask: { command: Command.GET_AND_TOUCH, keys: ['new'], expiry: 60 },
    wire: Buffer.concat([
      request(Op.GATKQ, { key: 'new', extras: uint32(60) }),
      request(Op.NOOP, { opaque: 1 }),
    ]),
    replies: ['OK key=new value= f7 cas', 'END #1'],
  },
  { ask: { command: Command.GET, keys: [] }, wire: request(Op.NOOP), replies: ['END'] },
  {
    ask: { command: Command.GET, key: 'none', wantsKey: true },
    wire: request(Op.GETK, { key: 'none' }),
    replies: ['NOT_FOUND key=none'],
  },
  {
    ask: { command: Command.GET_AND_TOUCH, key: 'new', expiry: 2000000000 },
    wire: request(Op.GAT, { key: 'new', extras: uint32(2000000000) }),
    replies: ['OK value= f7 cas'],
  },
  {
    ask: { command: Command.TOUCH, key: 'new' },
    wire: request(Op.TOUCH, { key: 'new', extras: uint32(0) }),
    replies: ['OK cas'],
  },
  {
    ask: { command: Command.DELETE, key: 'new', cas: 99999999999n },
    wire: request(Op.DELETE, { key: 'new', cas: 99999999999n }),
    replies: ['EXISTS text=Data exists for key.'],
  },
  {
    ask: { command: Command.DELETE, key: 'new' },
    wire: request(Op.DELETE, { key: 'new' }),
    replies: ['OK'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'n', delta: 2n, initial: 18446744073709551614n },
    wire: request(Op.INCREMENT, { key: 'n', extras: counterExtras(2n, 18446744073709551614n) }),
    replies: ['OK value=0xfffffffffffffffe cas'],
  },
  {
    ask: { command: Command.DECREMENT, key: 'n', delta: 18446744073709551605n },
    wire: request(Op.DECREMENT, {
      key: 'n',
      extras: counterExtras(18446744073709551605n, 0n, NEVER_CREATED),
    }),
    replies: ['OK value=0x0000000000000009 cas'],
  },
  {
    ask: { command: Command.DECREMENT, key: 'none' },
    wire: request(Op.DECREMENT, { key: 'none', extras: counterExtras(1n, 0n, NEVER_CREATED) }),
    replies: ['NOT_FOUND text=Not found'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'gone', initial: 0n, expiry: -1 },
    wire: request(Op.INCREMENT, { key: 'gone', extras: counterExtras(1n, 0n, NEVER_CREATED - 1) }),
    replies: ['OK value=0x0000000000000000 cas'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'sky' },
    replies: ['NOT_A_NUMBER text=Non-numeric server-side value for incr or decr'],
  },
  {
    ask: { command: Command.SET, key: 'sky', value: Buffer.alloc(2_000_000) },
    replies: ['TOO_LARGE text=Too large.'],
  },
  {
    ask: { command: Command.STATS, key: 'reset' },
    wire: request(Op.STAT, { key: 'reset' }),
    replies: ['END'],
  },
  {
    ask: { command: Command.STATS, key: 'detail dump', opaque: 9 },
    wire: request(Op.STAT, { key: 'detail dump', opaque: 9 }),
    replies: ['STATISTIC key=detailed value=0x454e440d0a #9', 'END #9'],
  },
  {
    ask: { command: Command.STATS, key: 'nonsense' },
    replies: ['NOT_FOUND text=Not found'],
  },
  {
    ask: { command: Command.SASL_MECHANISMS },
    wire: request(Op.SASL_LIST),
    replies: ['UNKNOWN_COMMAND text=Unknown command'],
  },
  { ask: { command: Command.FLUSH }, wire: request(Op.FLUSH), replies: ['OK'] },
  {
    ask: { command: Command.FLUSH, expiry: 50, isQuiet: true },
    wire: request(Op.FLUSHQ, { extras: uint32(50) }),
    replies: [],
  },
  { ask: { command: Command.VERSION }, wire: request(Op.VERSION), replies: ['OK value=1.6 text=1.6'] },
  { ask: { command: Command.NOOP, cas: 5n }, wire: request(Op.NOOP), replies: ['END'] },
]

const FENCE: Fence = {
  request: request(Op.NOOP, { opaque: 0xfeedface }),
  reply: reply(Op.NOOP, { opaque: 0xfeedface }),
}

const REFUSED: Readonly<Record<string, Fields>> = {
  'a raw request': { command: Command.META_GET, verb: 'mg', key: 'sky' },
  'a login in text': { command: Command.LOG_IN },
  'a key that is too long for its length': { command: Command.GET, key: 'x'.repeat(65536) },
  'such a key among several': { command: Command.GET, keys: ['sky', 'ü'.repeat(32768)] },
  'several keys to set': { command: Command.SET, keys: ['sky'] },
  'client flags of 33 bits': { command: Command.SET, key: 'sky', clientFlags: 2 ** 32 },
  'an expiry of 33 bits': { command: Command.TOUCH, key: 'sky', expiry: 2 ** 32 },
  'a negative delta': { command: Command.INCREMENT, key: 'n', delta: -1n },
  'a cas of 65 bits': { command: Command.SET, key: 'sky', cas: 1n << 64n },
}

describe('A client of the binary protocol', () => {
  specifyWire(binaryCodec, EXCHANGES)

  describe('reads the replies of keepcached, however they are cut:', () => {
    const server = useServer()

    it('the transcript', () => play(server(), binaryCodec, FENCE, EXCHANGES))
  })

  describe('reads the replies of memcached, however they are cut:', () => {
    needs(MEMCACHED)
    const server = useProcess(() => startMemcached())

    it('the transcript', () => play(server(), binaryCodec, FENCE, EXCHANGES))
  })

  it('has a request for every opcode but QUIT, which is always quiet', () => {
    const sent = new Set<number>()
    for (const { command } of OPCODES.filter((row) => row.command !== Command.UNKNOWN))
      for (const isQuiet of [false, true])
        for (const wantsKey of [false, true]) {
          if (isQuiet && !OPCODES.some((row) => row.command === command && row.isQuiet)) continue
          sent.add(encode(binaryCodec(), { command, key: 'k', isQuiet, wantsKey })[1]!)
        }
    sent.add(encode(binaryCodec(), { command: Command.VERBOSITY })[1]!)
    const codes = OPCODES.map(({ code }) => code).filter((code) => code !== Op.QUIT)
    expect([...sent].sort((one, other) => one - other)).deep.equal(codes)
  })

  it('sends the level of VERBOSITY', () => {
    const bytes = encode(binaryCodec(), { command: Command.VERBOSITY, delta: 2n })
    expect(bytes).deep.equal(request(Op.VERBOSITY, { extras: uint32(2) }))
  })

  it('sends the mechanism and the data of a login', () => {
    const data = Buffer.from('\0user\0secret')
    const start = encode(binaryCodec(), { command: Command.SASL_START, key: 'PLAIN', value: data })
    expect(start).deep.equal(request(Op.SASL_AUTH, { key: 'PLAIN', value: data }))
    const step = encode(binaryCodec(), { command: Command.SASL_STEP, key: 'CRAM-MD5', value: data })
    expect(step).deep.equal(request(Op.SASL_STEP, { key: 'CRAM-MD5', value: data }))
  })

  specifyRefusals(binaryCodec, REFUSED)
})
