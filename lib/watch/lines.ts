import { percentEncoded } from '../arena/percent.js'
import { EventType, EventWord, Found, Outcome } from './event.js'
import type { Rings } from './rings.js'

/** An event as memcached writes it. */
export function lineOf(rings: Rings, event: number): string {
  const { words, doubles } = rings
  const head = words[event + EventWord.HEAD]!
  const time = doubles[(event + EventWord.TIME) / 2]!
  const gid = doubles[(event + EventWord.GID) / 2]!
  const microseconds = String(time % MICROSECONDS).padStart(6, '0')
  const facts: Facts = {
    detail: (head >>> 8) & 0xff,
    verb: (head >>> 16) & 0xff,
    connection: words[event + EventWord.CONNECTION]! >>> 0,
    size: words[event + EventWord.SIZE]!,
    ttl: words[event + EventWord.TTL]!,
    more: words[event + EventWord.MORE]!,
    text: (encode) => {
      const start = (event + EventWord.TEXT) * 4
      return encode(rings.bytes, start, start + words[event + EventWord.TEXT_LENGTH]!)
    },
  }
  const what = LINES[(head & 0xff) as EventType](facts)
  return `ts=${Math.floor(time / MICROSECONDS)}.${microseconds} gid=${gid} ${what}\n`
}

interface Facts {
  readonly detail: number
  readonly verb: number
  readonly connection: number
  readonly size: number
  readonly ttl: number
  readonly more: number
  text(encode: (bytes: Buffer, start: number, end: number) => string): string
}

const LINES: Readonly<Record<EventType, (facts: Facts) => string>> = {
  [EventType.FILLER]: () => '',
  [EventType.ITEM_GET]: ({ detail, connection, size, text }) =>
    `type=item_get key=${text(percentEncoded)} status=${FOUND[detail]} clsid=${detail === Found.FOUND ? 1 : 0} cfd=${connection} size=${size}`,
  [EventType.ITEM_STORE]: ({ detail, verb, connection, size, ttl, text }) =>
    `type=item_store key=${text(percentEncoded)} status=${OUTCOMES[detail]} cmd=${STORE_VERBS[verb]} ttl=${ttl} clsid=${detail >= Outcome.TOO_LARGE ? 0 : 1} cfd=${connection} size=${size}`,
  [EventType.DELETED]: ({ verb, size, text }) =>
    `type=deleted key=${text(percentEncoded)} cmd=${DELETE_VERBS[verb]} clsid=1 size=${size}`,
  [EventType.EVICTION]: ({ detail, size, ttl, more, text }) =>
    `type=eviction key=${text(percentEncoded)} fetch=${detail === 0 ? 'no' : 'yes'} ttl=${ttl} la=${more} clsid=1 size=${size}`,
  [EventType.CONN_NEW]: ({ verb, connection, more, text }) =>
    `type=conn_new rip=${text(plain)} rport=${more} transport=${TRANSPORTS[verb]} cfd=${connection}`,
  [EventType.CONN_CLOSE]: ({ detail, verb, connection, more, text }) =>
    `type=conn_close rip=${text(plain)} rport=${more} transport=${TRANSPORTS[verb]} reason=${ENDINGS[detail]} cfd=${connection}`,
  [EventType.COMMAND]: ({ connection, text }) => `<${connection} ${text(printable)}`,
  [EventType.SEGMENT]: ({ detail, connection, size }) =>
    `type=segment_clear segment=${connection} purpose=${detail === 0 ? 'clean' : 'evict'} live=${size}`,
}

/** memcached's words, in the order of the numbers in event.ts. */
const FOUND = ['not_found', 'found', 'flushed', 'expired']
const OUTCOMES = ['not_stored', 'stored', 'exists', 'not_found', 'too_large', 'no_memory']
const STORE_VERBS = ['add', 'set', 'replace', 'append', 'prepend', 'cas']
const DELETE_VERBS = ['delete', 'md']
const TRANSPORTS = ['local', 'tcp', 'udp']
const ENDINGS = ['error', 'normal', 'idle_timeout', 'shutdown']

const plain = (bytes: Buffer, start: number, end: number): string => bytes.toString('latin1', start, end)

/** Encodes the text so that a line stays one line. */
const printable = (bytes: Buffer, start: number, end: number): string =>
  plain(bytes, start, end).replace(/[^ -~]/g, (_, at: number) =>
    percentEncoded(bytes, start + at, start + at + 1),
  )

const MICROSECONDS = 1_000_000
