import { expect } from 'chai'
import { metaCodec } from '../../../lib/protocol/meta/client/meta-codec.js'
import { Command } from '../../../lib/request/command.js'
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

const EXCHANGES: readonly Exchange[] = [
  { ask: { command: Command.GET, key: 'sky' }, wire: 'mg sky v f\r\n', replies: ['NOT_FOUND EN'] },
  {
    ask: { command: Command.GET, key: 'sky', cas: 5n },
    wire: 'mg sky v f\r\n',
    replies: ['NOT_FOUND EN'],
  },
  {
    ask: { command: Command.SET, key: 'sky', value, clientFlags: 4294967295, expiry: 100, opaque: 7 },
    wire: 'ms sky 4 F4294967295 T100 O7\r\nblue\r\n',
    replies: ['OK HD #7 text=O7'],
  },
  {
    ask: { command: Command.SET, key: 'sea', value: long, wantsCas: true, wantsKey: true },
    wire: `ms sea 300 c k\r\n${long}\r\n`,
    replies: ['OK HD key=sea cas text=c… ksea'],
  },
  {
    ask: { command: Command.SET, key: 'sea', value, isQuiet: true },
    wire: 'ms sea 4 q\r\nblue\r\n',
    replies: [],
  },
  {
    ask: { command: Command.GET, key: 'sky', opaque: 4294967295 },
    wire: 'mg sky v f O4294967295\r\n',
    replies: ['OK VA value=blue f4294967295 #4294967295 text=f4294967295 O4294967295'],
  },
  {
    ask: { command: Command.GET, key: 'sea', wantsCas: true, wantsKey: true, isQuiet: true },
    wire: 'mg sea v f c k q\r\n',
    replies: ['OK VA key=sea value=blue cas text=f0 c… ksea'],
  },
  {
    ask: (cas) => ({ command: Command.SET, key: 'sea', value, cas, clientFlags: 1 }),
    replies: ['OK HD'],
  },
  {
    ask: { command: Command.SET, key: 'sea', value, cas: 18446744073709551615n, expiry: -1 },
    wire: 'ms sea 4 T-1 C18446744073709551615\r\nblue\r\n',
    replies: ['EXISTS EX'],
  },
  {
    ask: { command: Command.SET, key: 'none', value, cas: 9n },
    wire: 'ms none 4 C9\r\nblue\r\n',
    replies: ['NOT_FOUND NF'],
  },
  {
    ask: { command: Command.ADD, key: 'sky', value, opaque: 3 },
    wire: 'ms sky 4 ME O3\r\nblue\r\n',
    replies: ['NOT_STORED NS #3 text=O3'],
  },
  {
    ask: { command: Command.ADD, key: 'new', value: new Uint8Array(0), clientFlags: 7 },
    wire: 'ms new 0 ME F7\r\n\r\n',
    replies: ['OK HD'],
  },
  {
    ask: { command: Command.REPLACE, key: 'none', value },
    wire: 'ms none 4 MR\r\nblue\r\n',
    replies: ['NOT_STORED NS'],
  },
  {
    ask: { command: Command.APPEND, key: 'sky', value, expiry: 5, clientFlags: 5 },
    wire: 'ms sky 4 MA\r\nblue\r\n',
    replies: ['OK HD'],
  },
  {
    ask: { command: Command.PREPEND, key: 'none', value },
    wire: 'ms none 4 MP\r\nblue\r\n',
    replies: ['NOT_STORED NS'],
  },
  {
    ask: { command: Command.GET, keys: ['sky', 'none', 'new', 'x'.repeat(251)], opaque: 10 },
    wire: `mg sky v f O10 q\r\nmg none v f O11 q\r\nmg new v f O12 q\r\nmg ${'x'.repeat(251)} v f O13 q\r\nmn\r\n`,
    replies: [
      'OK VA value=blueblue f4294967295 #10 text=f4294967295 O10',
      'OK VA value= f7 #12 text=f7 O12',
      'INVALID_ARGUMENTS text=CLIENT_ERROR bad command line format',
      'END MN',
    ],
  },
  {
    ask: { command: Command.GET_AND_TOUCH, keys: ['new', 'none'], wantsCas: true, expiry: 60 },
    wire: 'mg new v f T60 c O0 q\r\nmg none v f T60 c O1 q\r\nmn\r\n',
    replies: ['OK VA value= f7 cas text=f7 c… O0', 'END MN'],
  },
  { ask: { command: Command.GET, keys: [] }, wire: 'mn\r\n', replies: ['END MN'] },
  {
    ask: { command: Command.GET, keys: ['sky', 'none', 'new'], wantsTextBatch: true, opaque: 10 },
    wire: 'get sky none new\r\n',
    replies: ['ITEM key=sky value=blueblue f4294967295', 'ITEM key=new value= f7', 'END'],
  },
  {
    ask: { command: Command.GET_AND_TOUCH, key: 'new', expiry: 90 },
    wire: 'mg new v f T90\r\n',
    replies: ['OK VA value= f7 text=f7'],
  },
  { ask: { command: Command.TOUCH, key: 'new' }, wire: 'mg new T0\r\n', replies: ['OK HD'] },
  {
    ask: { command: Command.TOUCH, key: 'none', expiry: 5, opaque: 9 },
    wire: 'mg none T5 O9\r\n',
    replies: ['NOT_FOUND EN #9 text=O9'],
  },
  {
    ask: { command: Command.DELETE, key: 'new', cas: 99999999999n },
    wire: 'md new C99999999999\r\n',
    replies: ['EXISTS EX'],
  },
  {
    ask: { command: Command.DELETE, key: 'new', opaque: 4, wantsCas: true },
    wire: 'md new O4\r\n',
    replies: ['OK HD #4 text=O4'],
  },
  { ask: { command: Command.DELETE, key: 'new' }, wire: 'md new\r\n', replies: ['NOT_FOUND NF'] },
  {
    ask: { command: Command.INCREMENT, key: 'n', delta: 2n, initial: 18446744073709551614n, expiry: 60 },
    wire: 'ma n v D2 N60 J18446744073709551614\r\n',
    replies: ['OK VA value=18446744073709551614'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'n', wantsCas: true },
    wire: 'ma n v D1 c\r\n',
    replies: ['OK VA value=18446744073709551615 cas text=c…'],
  },
  {
    ask: { command: Command.DECREMENT, key: 'n', delta: 18446744073709551606n },
    wire: 'ma n v MD D18446744073709551606\r\n',
    replies: ['OK VA value=9'],
  },
  {
    ask: { command: Command.DECREMENT, key: 'none' },
    wire: 'ma none v MD D1\r\n',
    replies: ['NOT_FOUND NF'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'sky' },
    wire: 'ma sky v D1\r\n',
    replies: ['NOT_A_NUMBER text=CLIENT_ERROR cannot increment or decrement non-numeric value'],
  },
  {
    ask: { command: Command.SET, key: binaryKey, isBase64Key: true, value, wantsKey: true },
    wire: 'ms AAog/w== 4 b k\r\nblue\r\n',
    replies: ['OK HD key=AAog/w== base64 text=kAAog/w== b'],
  },
  {
    ask: { command: Command.GET, key: binaryKey, isBase64Key: true, wantsKey: true },
    wire: 'mg AAog/w== b v f k\r\n',
    replies: ['OK VA key=AAog/w== base64 value=blue text=f0 kAAog/w== b'],
  },
  {
    ask: { command: Command.META_GET, verb: 'mg', key: 'sea', flags: 's t h v f k Oabc' },
    wire: 'mg sea s t h v f k Oabc\r\n',
    replies: ['OK VA key=sea value=blue f1 text=s4 t-1 h0 f1 ksea Oabc'],
  },
  {
    ask: { command: Command.META_GET, verb: 'mg', key: 'won', flags: 'v N30' },
    replies: ['OK VA value= text=W'],
  },
  {
    ask: { command: Command.META_GET, verb: 'mg', key: 'won', flags: 'v N30' },
    replies: ['OK VA value= text=Z'],
  },
  {
    ask: { command: Command.META_GET, verb: 'ms', key: 'sky', flags: 'T5 I', value },
    wire: 'ms sky 4 T5 I\r\nblue\r\n',
    replies: ['OK HD'],
  },
  {
    ask: { command: Command.META_GET, verb: 'me', key: 'none' },
    wire: 'me none\r\n',
    replies: ['NOT_FOUND EN'],
  },
  {
    ask: { command: Command.META_GET, verb: 'mg', key: 'sky', flags: 'v v' },
    replies: ['INVALID_ARGUMENTS text=CLIENT_ERROR duplicate flag'],
  },
  {
    ask: { command: Command.SET, key: 'sky', value: Buffer.alloc(2_000_000) },
    replies: ['TOO_LARGE text=SERVER_ERROR object too large for cache'],
  },
  { ask: { command: Command.NOOP }, wire: 'mn\r\n', replies: ['END MN'] },
  { ask: { command: Command.FLUSH }, wire: 'flush_all\r\n', replies: ['OK text=OK'] },
  { ask: { command: Command.VERSION }, wire: 'version\r\n', replies: ['OK value=1.6 text=1.6'] },
  { ask: { command: Command.STATS, key: 'reset' }, wire: 'stats reset\r\n', replies: ['OK text=RESET'] },
]

const REFUSED: Readonly<Record<string, Fields>> = {
  'several keys to set': { command: Command.SET, keys: ['sky'] },
  'more keys than opaques': { command: Command.GET, keys: ['sky', 'sea'], opaque: 4294967295 },
  'an opaque of 33 bits': { command: Command.GET, key: 'sky', opaque: 2 ** 32 },
  'a step of SASL': { command: Command.SASL_STEP },
  'client flags that are no number': { command: Command.SET, key: 'sky', clientFlags: 1.5 },
  'an expiry that is no number': { command: Command.TOUCH, key: 'sky', expiry: Number.NaN },
  'a negative initial value': { command: Command.INCREMENT, key: 'n', initial: -1n },
  'a cas of 65 bits': { command: Command.SET, key: 'sky', cas: 1n << 64n },
}

/** A text reply that no request above has. */
const FENCE: Fence = { request: Buffer.from('nonsense\r\n'), reply: Buffer.from('ERROR\r\n') }

describe('A client of the meta protocol', () => {
  specifyWire(metaCodec, EXCHANGES)

  describe('reads the replies of keepcached, however they are cut:', () => {
    const server = useServer()

    it('the transcript', () => play(server(), metaCodec, FENCE, EXCHANGES))
  })

  describe('reads the replies of memcached, however they are cut:', () => {
    needs(MEMCACHED)
    const server = useProcess(() => startMemcached())

    it('the transcript', () => play(server(), metaCodec, FENCE, EXCHANGES))
  })

  it('sends QUIT and a login as text', () => {
    expect(`${encode(metaCodec(), { command: Command.QUIT })}`).equal('quit\r\n')
    const login = { command: Command.LOG_IN, value: Buffer.from('user secret') }
    expect(`${encode(metaCodec(), login)}`).equal('set login 0 0 11\r\nuser secret\r\n')
  })

  specifyRefusals(metaCodec, REFUSED)
})
