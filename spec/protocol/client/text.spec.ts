import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { textCodec } from '../../../lib/protocol/text/client/text-codec.js'
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

const EXCHANGES: readonly Exchange[] = [
  { ask: { command: Command.GET, key: 'sky' }, wire: 'get sky\r\n', replies: ['END'] },
  {
    ask: { command: Command.SET, key: 'sky', value, clientFlags: 4294967295, expiry: 100 },
    wire: 'set sky 4294967295 100 4\r\nblue\r\n',
    replies: ['OK text=STORED'],
  },
  {
    ask: { command: Command.GET, key: 'sky' },
    wire: 'get sky\r\n',
    replies: ['ITEM key=sky value=blue f4294967295', 'END'],
  },
  {
    ask: { command: Command.GET, key: 'sky', wantsCas: true },
    wire: 'gets sky\r\n',
    replies: ['ITEM key=sky value=blue f4294967295 cas', 'END'],
  },
  { ask: (cas) => ({ command: Command.SET, key: 'sky', value, cas }), replies: ['OK text=STORED'] },
  {
    ask: { command: Command.SET, key: 'sky', value, cas: 18446744073709551615n, expiry: -1 },
    wire: 'cas sky 0 -1 4 18446744073709551615\r\nblue\r\n',
    replies: ['EXISTS text=EXISTS'],
  },
  {
    ask: { command: Command.SET, key: 'none', value, cas: 9n },
    wire: 'cas none 0 0 4 9\r\nblue\r\n',
    replies: ['NOT_FOUND text=NOT_FOUND'],
  },
  {
    ask: { command: Command.ADD, key: 'sky', value },
    wire: 'add sky 0 0 4\r\nblue\r\n',
    replies: ['NOT_STORED text=NOT_STORED'],
  },
  {
    ask: { command: Command.ADD, key: 'new', value: new Uint8Array(0), clientFlags: 7 },
    wire: 'add new 7 0 0\r\n\r\n',
    replies: ['OK text=STORED'],
  },
  {
    ask: { command: Command.REPLACE, key: 'none', value },
    wire: 'replace none 0 0 4\r\nblue\r\n',
    replies: ['NOT_STORED text=NOT_STORED'],
  },
  {
    ask: { command: Command.APPEND, key: 'sky', value },
    wire: 'append sky 0 0 4\r\nblue\r\n',
    replies: ['OK text=STORED'],
  },
  {
    ask: { command: Command.PREPEND, key: 'none', value },
    wire: 'prepend none 0 0 4\r\nblue\r\n',
    replies: ['NOT_STORED text=NOT_STORED'],
  },
  {
    ask: { command: Command.SET, key: 'größe', value: long },
    wire: Buffer.concat([Buffer.from('set größe 0 0 300\r\n'), long, Buffer.from('\r\n')]),
    replies: ['OK text=STORED'],
  },
  {
    ask: { command: Command.GET, keys: ['sky', 'none', Buffer.from('größe'), 'new'] },
    wire: Buffer.from('get sky none größe new\r\n'),
    replies: [
      'ITEM key=sky value=blueblue',
      'ITEM key=0x6772c3b6c39f65 value=300 bytes',
      'ITEM key=new value= f7',
      'END',
    ],
  },
  {
    ask: { command: Command.GET_AND_TOUCH, key: 'new', expiry: 90, wantsCas: true },
    wire: 'gats 90 new\r\n',
    replies: ['ITEM key=new value= f7 cas', 'END'],
  },
  {
    ask: { command: Command.GET_AND_TOUCH, keys: ['new', 'none'], expiry: 2000000000 },
    replies: ['ITEM key=new value= f7', 'END'],
    wire: 'gat 2000000000 new none\r\n',
  },
  {
    ask: { command: Command.TOUCH, key: 'new', expiry: 0 },
    wire: 'touch new 0\r\n',
    replies: ['OK text=TOUCHED'],
  },
  {
    ask: { command: Command.DELETE, key: 'new' },
    wire: 'delete new\r\n',
    replies: ['OK text=DELETED'],
  },
  {
    ask: { command: Command.DELETE, key: 'new' },
    wire: 'delete new\r\n',
    replies: ['NOT_FOUND text=NOT_FOUND'],
  },
  {
    ask: { command: Command.SET, key: 'n', value: Buffer.from('18446744073709551614') },
    wire: 'set n 0 0 20\r\n18446744073709551614\r\n',
    replies: ['OK text=STORED'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'n' },
    wire: 'incr n 1\r\n',
    replies: ['OK value=18446744073709551615 text=18446744073709551615'],
  },
  {
    ask: { command: Command.DECREMENT, key: 'n', delta: 18446744073709551606n },
    wire: 'decr n 18446744073709551606\r\n',
    replies: ['OK value=9 text=9'],
  },
  {
    ask: { command: Command.INCREMENT, key: 'sky' },
    wire: 'incr sky 1\r\n',
    replies: ['NOT_A_NUMBER text=CLIENT_ERROR cannot increment or decrement non-numeric value'],
  },
  {
    ask: { command: Command.DECREMENT, key: 'none' },
    wire: 'decr none 1\r\n',
    replies: ['NOT_FOUND text=NOT_FOUND'],
  },
  {
    ask: { command: Command.GET, key: 'x'.repeat(251) },
    replies: ['INVALID_ARGUMENTS text=CLIENT_ERROR bad command line format'],
  },
  {
    ask: { command: Command.SET, key: 'sky', value: Buffer.alloc(2_000_000) },
    replies: ['TOO_LARGE text=SERVER_ERROR object too large for cache'],
  },
  {
    ask: { command: Command.META_GET, verb: 'mg', key: 'n', flags: 's v q' },
    wire: 'mg n s v q\r\n',
    replies: ['OK VA value=9                    text=s20'],
  },
  {
    ask: { command: Command.STATS, key: 'reset' },
    wire: 'stats reset\r\n',
    replies: ['OK text=RESET'],
  },
  {
    ask: { command: Command.META_GET, verb: 'stats', key: 'detail', flags: 'on' },
    wire: 'stats detail on\r\n',
    replies: ['OK text=OK'],
  },
  { ask: { command: Command.GET, key: 'a:b' }, replies: ['END'] },
  {
    ask: { command: Command.META_GET, verb: 'stats', key: 'detail', flags: 'dump' },
    replies: ['LINE text=PREFIX a get 1 hit 0 set 0 del 0', 'END'],
  },
  {
    ask: { command: Command.VERBOSITY, delta: 0n },
    wire: 'verbosity 0\r\n',
    replies: ['OK text=OK'],
  },
  { ask: { command: Command.FLUSH }, wire: 'flush_all\r\n', replies: ['OK text=OK'] },
  { ask: { command: Command.FLUSH, expiry: 50 }, wire: 'flush_all 50\r\n', replies: ['OK text=OK'] },
  {
    ask: { command: Command.VERSION },
    wire: 'version\r\n',
    replies: ['OK value=1.6 text=1.6'],
  },
  { ask: { command: Command.NOOP }, wire: 'version\r\n', replies: ['OK value=1.6 text=1.6'] },
  { ask: { command: Command.META_GET, verb: 'nonsense' }, replies: ['UNKNOWN_COMMAND text=ERROR'] },
]

const FENCE: Fence = { request: Buffer.from('mn\r\n'), reply: Buffer.from('MN\r\n') }

const logIn = (login: string, ...replies: string[]): Exchange => ({
  ask: { command: Command.LOG_IN, value: Buffer.from(login) },
  wire: `set login 0 0 ${login.length}\r\n${login}\r\n`,
  replies,
})

const REFUSED_LOGINS: readonly Exchange[] = [
  logIn('secret', 'UNAUTHENTICATED text=CLIENT_ERROR bad authentication token format'),
  logIn('user wrong', 'UNAUTHENTICATED text=CLIENT_ERROR authentication failure'),
]
const LOGIN: readonly Exchange[] = [logIn('user secret', 'OK text=STORED')]
/** What a connection hears that has not logged in. */
const REFUSED_FENCE: Fence = {
  request: Buffer.from('mn\r\n'),
  reply: Buffer.from('CLIENT_ERROR unauthenticated\r\n'),
}

const REFUSED: Readonly<Record<string, Fields>> = {
  'an add with a cas': { command: Command.ADD, key: 'sky', cas: 1n },
  'a delete with a cas': { command: Command.DELETE, key: 'sky', cas: 1n },
  'a counter with an initial value': { command: Command.INCREMENT, key: 'n', initial: 1n },
  'a quiet request': { command: Command.SET, key: 'sky', isQuiet: true },
  'a key in base64': { command: Command.GET, key: 'sky', isBase64Key: true },
  'no keys': { command: Command.GET, keys: [] },
  'several keys to set': { command: Command.SET, keys: ['sky'] },
  'a step of SASL': { command: Command.SASL_STEP },
  'a raw request without a verb': { command: Command.META_GET, key: 'sky' },
  'client flags that are no number': { command: Command.SET, key: 'sky', clientFlags: 1.5 },
  'an expiry that is no number': { command: Command.TOUCH, key: 'sky', expiry: Number.NaN },
  'a negative delta': { command: Command.INCREMENT, key: 'n', delta: -1n },
  'a cas of 65 bits': { command: Command.SET, key: 'sky', cas: 1n << 64n },
}

describe('A client of the text protocol', () => {
  specifyWire(textCodec, [...EXCHANGES, ...LOGIN])

  describe('reads the replies of keepcached, however they are cut:', () => {
    const server = useServer()

    it('the transcript', () => play(server(), textCodec, FENCE, EXCHANGES))
  })

  describe('reads the replies of memcached, however they are cut:', () => {
    needs(MEMCACHED)
    const server = useProcess(() => startMemcached())

    it('the transcript', () => play(server(), textCodec, FENCE, EXCHANGES))
  })

  describe('logs in', () => {
    const folder = mkdtempSync(join(tmpdir(), 'login-'))
    after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'users')
    writeFileSync(file, 'user:secret\n')
    const server = useServer({ options: ['-Y', file] })

    it('with a name and a password', () => play(server(), textCodec, FENCE, LOGIN))

    it('and is refused with others', () => play(server(), textCodec, REFUSED_FENCE, REFUSED_LOGINS))
  })

  it('sends QUIT, which has no reply', () => {
    expect(`${encode(textCodec(), { command: Command.QUIT })}`).equal('quit\r\n')
  })

  specifyRefusals(textCodec, REFUSED)
})
