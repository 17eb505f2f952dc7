/** Each error, ordered for each command in each protocol, is one reply that clients can read. */
import { expect } from 'chai'
import type { ErrorName } from '../../lib/testing/index.js'
import { receiveFrame } from '../support/binary-client.js'
import { Op, opaqueOf, request, statusOf } from '../support/frames.js'
import { Kit, setFrame } from './kit.js'

/** The code of binary, and what the reply to a set says in text and in meta. */
const ERRORS: Readonly<Record<ErrorName, readonly [code: number, text: RegExp, meta: RegExp]>> = {
  'not found': [0x01, /^NOT_STORED$/, /^NF( |$)/],
  exists: [0x02, /^NOT_STORED$/, /^EX( |$)/],
  'too large': [0x03, /^SERVER_ERROR object too large for cache$/, /^SERVER_ERROR object too large/],
  'invalid arguments': [0x04, /^CLIENT_ERROR bad command line format$/, /^CLIENT_ERROR bad/],
  'not stored': [0x05, /^NOT_STORED$/, /^NS( |$)/],
  'not a number': [0x06, /^CLIENT_ERROR cannot increment/, /^CLIENT_ERROR cannot increment/],
  unauthenticated: [0x20, /^CLIENT_ERROR unauthenticated$/, /^CLIENT_ERROR unauthenticated$/],
  'unknown command': [0x81, /^ERROR$/, /^ERROR$/],
  'out of memory': [0x82, /^SERVER_ERROR out of memory storing object$/, /^SERVER_ERROR out of memory/],
  'bad data': [0x04, /^CLIENT_ERROR bad data chunk$/, /^CLIENT_ERROR bad data chunk$/],
  'temporary failure': [0x86, /^SERVER_ERROR temporary failure$/, /^SERVER_ERROR temporary failure$/],
  'internal error': [0x84, /^SERVER_ERROR internal error$/, /^SERVER_ERROR internal error$/],
  busy: [0x85, /^SERVER_ERROR busy$/, /^SERVER_ERROR busy$/],
  'not supported': [0x83, /^SERVER_ERROR not supported$/, /^SERVER_ERROR not supported$/],
}

const LINES = [
  'get a',
  'gets a b c',
  'gat 0 a',
  'set a 0 0 1\r\n1',
  'add a 0 0 1\r\n1',
  'replace a 0 0 1\r\n1',
  'append a 0 0 1\r\n1',
  'prepend a 0 0 1\r\n1',
  'cas a 0 0 1 1\r\n1',
  'delete a',
  'incr a 1',
  'decr a 1',
  'touch a 0',
  'mg a v',
  'ms a 1\r\n1',
  'md a',
  'ma a',
  'me a',
]

/** Of commands that are not about items: an error is the same line for all of them. */
const OTHER_LINES = [
  'mn',
  'version',
  'stats',
  'flush_all',
  'flush_prefix a',
  'verbosity 1',
  'cache_memlimit 100',
  'shutdown',
  'watch',
  'refresh_certs',
  'lru_crawler metadump all',
  'foo',
  'get',
]

const EXTRAS_8 = Buffer.alloc(8)
const FRAMES = [
  request(Op.GET, { key: 'a', opaque: 9 }),
  request(Op.GETK, { key: 'a', opaque: 9 }),
  setFrame('a', '1'),
  request(Op.ADD, { extras: EXTRAS_8, key: 'a', value: '1', opaque: 9 }),
  request(Op.DELETE, { key: 'a', opaque: 9 }),
  request(Op.INCREMENT, { extras: Buffer.alloc(20), key: 'a', opaque: 9 }),
  request(Op.APPEND, { key: 'a', value: '1', opaque: 9 }),
  request(Op.TOUCH, { extras: Buffer.alloc(4), key: 'a', opaque: 9 }),
  request(Op.GAT, { extras: Buffer.alloc(4), key: 'a', opaque: 9 }),
  request(Op.FLUSH, { opaque: 9 }),
  request(Op.NOOP, { opaque: 9 }),
  request(Op.VERSION, { opaque: 9 }),
  request(Op.STAT, { opaque: 9 }),
]

/** What text and meta say when a command has failed, or has found nothing. */
const ERROR_LINE =
  /^(ERROR|CLIENT_ERROR .+|SERVER_ERROR .+|NOT_FOUND|NOT_STORED|EXISTS|END|EN|NF|NS|EX)\b.*\r\n$/

describe('an error that a test has ordered', () => {
  const kit = new Kit()
  afterEach(() => kit.end())

  for (const [name, [code, text, meta]] of Object.entries(ERRORS))
    it(`is one reply in each protocol: ${name}`, async () => {
      const server = await kit.start({ items: { a: '1', b: '2' } })
      server.faults.add({ then: name as ErrorName })
      const connection = await kit.connect(server)
      const lines = await kit.connect(server)
      const reply = async (line: string): Promise<string> => {
        lines.send(Buffer.from(`${line}\r\n`))
        return `${await lines.receiveUntil(Buffer.from('\r\n'))}`
      }
      for (const line of [...LINES, ...OTHER_LINES]) {
        const said = await reply(line)
        expect(said, line).to.match(ERROR_LINE)
        expect(said.indexOf('\r\n'), line).to.equal(said.length - 2)
      }
      expect((await reply('set a 0 0 1\r\n1')).trimEnd()).to.match(text)
      expect((await reply('ms a 1\r\n1')).trimEnd()).to.match(meta)
      const said = await reply('cas a 0 0 1 1\r\n1')
      const same = said.includes('ERROR') ? [...OTHER_LINES, 'mw a'] : OTHER_LINES
      for (const line of same) expect(await reply(line), line).to.equal(said)
      for (const frame of FRAMES) {
        connection.send(frame)
        const answer = await receiveFrame(connection)
        expect([answer[1], statusOf(answer), opaqueOf(answer)]).to.deep.equal([
          frame[1],
          code,
          opaqueOf(frame),
        ])
      }
      expect(server.items().map(({ value }) => `${value}`)).to.deep.equal(['1', '2'])
    })
})
