import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { createValueFormat, type FlagsFormat } from '../../../lib/client/values/create-value-format.js'
import { EncodedValue } from '../../../lib/client/values/value-format.js'
import type { Connection } from '../../support/connection.js'
import { startMemcached } from '../../support/memcached.js'
import {
  BMEMCACHED,
  DALLI,
  MEMCACHED,
  needs,
  type Peer,
  PYLIBMC,
  PYMEMCACHE,
  PYTHON_MEMCACHED,
  pythonWith,
} from '../../support/peers.js'
import { type ServerProcess, startServer, useProcess } from '../../support/server.js'

/** A client, the script that runs it (beside this file's source), and what each side makes of the other's values. */
interface ForeignClient {
  readonly name: string
  readonly flags: FlagsFormat
  readonly peers: readonly Peer[]
  readonly command: () => readonly string[]
  /** Values that the client writes, as they are read here. */
  readonly read: Readonly<Record<string, unknown>>
  /** Values written here, and what the script prints when its client has read them. */
  readonly written: readonly (readonly [key: string, value: unknown, shown: string])[]
}

const script = (name: string): string =>
  fileURLToPath(new URL(`../../../../spec/client/values/${name}`, import.meta.url))

const TEXT = 'grüße 😀'
const LONG_TEXT = 'x'.repeat(1000)
/** The scripts print the first 40 characters. */
const LONG_TEXT_SHOWN = `'${'x'.repeat(39)}`
const LONG_INTEGER = 2n ** 70n
/** A pickle, as Python 3 and Python 2 write it: either begins with its protocol, or with the mark of a dictionary. */
const PICKLED_OBJECT = (value: unknown) => {
  expect(value).to.be.instanceOf(Buffer)
  expect((value as Buffer).at(-1)).to.equal('.'.charCodeAt(0))
}
/** Python compares 1 and True as equal, but prints them apart. */
const python = (module: string, name: string, flags: FlagsFormat, peer: Peer): ForeignClient => ({
  name,
  flags,
  peers: [peer],
  command: () => [pythonWith(module) ?? 'python3', script('run-values.py')],
  read: {
    text: TEXT,
    empty: '',
    bytes: Buffer.from('00ff0d0a', 'hex'),
    integer: 42,
    negative: -7,
    long: LONG_INTEGER,
    float: 1.5,
    true: true,
    none: null,
    compressed: LONG_TEXT,
    object: PICKLED_OBJECT,
  },
  written: [
    ['text', TEXT, `'${TEXT}'`],
    ['empty', '', "''"],
    ['bytes', Buffer.from('00ff0d0a', 'hex'), "b'\\x00\\xff\\r\\n'"],
    ['integer', 42, '42'],
    ['negative', -7, '-7'],
    ['long', LONG_INTEGER, `${LONG_INTEGER}`],
    ['float', 1.5, '1.5'],
    ['true', true, name === 'pylibmc' ? '1' : 'True'],
    ['none', null, 'None'],
    ['compressed', LONG_TEXT, LONG_TEXT_SHOWN],
  ],
})

const BYTES = Buffer.from([0, 255, 13, 10, 92, 13])
const BYTES_SHOWN = `bytes ${BYTES.toString('hex')}`

const CLIENTS: readonly ForeignClient[] = [
  {
    name: 'memjs',
    flags: 'memjs',
    peers: [],
    command: () => [process.execPath, script('run-values.mjs'), 'memjs'],
    read: { text: Buffer.from('grüße'), empty: Buffer.alloc(0), bytes: BYTES },
    written: [
      ['text', 'grüße', `bytes ${Buffer.from('grüße').toString('hex')}`],
      ['empty', '', 'bytes '],
      ['bytes', BYTES, BYTES_SHOWN],
    ],
  },
  {
    name: 'memcached of npm',
    flags: 'memcached',
    peers: [],
    command: () => [process.execPath, script('run-values.mjs'), 'memcached'],
    read: {
      text: 'grüße \\\r\n',
      empty: '',
      bytes: BYTES,
      integer: 42,
      float: -1.5,
      true: true,
      null: null,
      object: { a: ['\r\n'] },
    },
    written: [
      ['text', 'grüße \\\r\n', '"grüße \\\\\\r\\n"'],
      ['empty', '', '""'],
      ['bytes', BYTES, BYTES_SHOWN],
      ['integer', 42, '42'],
      ['float', -1.5, '-1.5'],
      ['true', true, 'true'],
      ['null', null, 'null'],
      ['object', { a: ['\r\n'] }, '{"a":["\\r\\n"]}'],
    ],
  },
  python('pymemcache', 'pymemcache', 'pymemcache', PYMEMCACHE),
  python('memcache', 'python-memcached', 'pymemcache', PYTHON_MEMCACHED),
  python('pylibmc', 'pylibmc', 'pylibmc', PYLIBMC),
  python('bmemcached', 'bmemcached', 'bmemcached', BMEMCACHED),
  {
    name: 'dalli',
    flags: 'dalli',
    peers: [DALLI],
    command: () => ['ruby', script('run-values.rb'), 'dalli'],
    read: {
      text: Buffer.from('grüße'),
      bytes: Buffer.from('00ff0d0a', 'hex'),
      integer: Buffer.from('42'),
      compressed: Buffer.from(LONG_TEXT),
      object: Buffer.from('04085b066906', 'hex'),
    },
    written: [
      ['text', 'grüße', '"gr\\xC3\\xBC\\xC3\\x9Fe"'],
      ['empty', '', '""'],
      ['bytes', Buffer.from('00ff0d0a', 'hex'), '"\\x00\\xFF\\r\\n"'],
      ['compressed', LONG_TEXT, `"${'x'.repeat(39)}`],
    ],
  },
]

/** pymemcache of Debian 12 does not decompress. */
const compressionOf = ({ name, flags }: ForeignClient) =>
  flags === 'memjs' || flags === 'memcached' || name === 'pymemcache'
    ? {}
    : { compression: { minLength: 100 } }

async function run({ command, name }: ForeignClient, port: number, what: string): Promise<string[]> {
  const [program, file, client = name] = command()
  const words = file!.endsWith('.rb') ? [what] : [client, what]
  const { stdout } = await promisify(execFile)(program!, [file!, `${port}`, ...words], {
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  })
  return stdout.trimEnd().split('\n')
}

async function store(connection: Connection, key: string, { bytes, clientFlags }: EncodedValue) {
  connection.send(Buffer.from(`set ${key} ${clientFlags} 0 ${bytes.length}\r\n`))
  connection.send(Buffer.concat([bytes, Buffer.from('\r\n')]))
  expect(`${await connection.receiveUntil(Buffer.from('\r\n'))}`).to.equal('STORED\r\n')
}

async function fetch(connection: Connection, key: string) {
  connection.send(Buffer.from(`get ${key}\r\n`))
  const reply = await connection.receiveUntil(Buffer.from('END\r\n'))
  const start = reply.indexOf('\r\n') + 2
  const [, , flags, length] = reply.toString('latin1', 0, start).split(' ')
  return { reply, start, end: start + Number(length), clientFlags: Number(flags) }
}

for (const client of CLIENTS)
  describe(`flags: '${client.flags}' and ${client.name}`, () => {
    needs(MEMCACHED, ...client.peers)
    const servers: Record<string, () => ServerProcess> = {
      memcached: useProcess(() => startMemcached()),
      keepcached: useProcess(() => startServer()),
    }
    const format = createValueFormat({ flags: client.flags, ...compressionOf(client) })

    for (const [name, server] of Object.entries(servers)) {
      it(`reads what the client has written (${name})`, async function () {
        this.slow(10_000)
        await run(client, server().port, 'write')
        const connection = await server().connect()
        for (const [key, expected] of Object.entries(client.read)) {
          const { reply, start, end, clientFlags } = await fetch(connection, key)
          const value = format.decode(reply, start, end, clientFlags)
          if (typeof expected === 'function') expected(value)
          else expect(value, key).to.deep.equal(expected)
        }
        connection.close()
      })

      it(`writes what the client reads (${name})`, async function () {
        this.slow(10_000)
        const connection = await server().connect()
        const encoded = new EncodedValue()
        for (const [key, value] of client.written) {
          format.encode(value, encoded)
          await store(connection, key, encoded)
          if (value === LONG_TEXT && 'compression' in compressionOf(client))
            expect(encoded.bytes.length).to.be.lessThan(100)
        }
        connection.close()
        const lines = await run(client, server().port, 'read')
        for (const [key, , shown] of client.written) expect(lines).to.include(`${key}: ${shown}`)
      })
    }
  })
