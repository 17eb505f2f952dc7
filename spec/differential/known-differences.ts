import { counterExtras, itemExtras, Op, reply, request, uint32 } from '../support/frames.js'

/**
 * Where keepcached deliberately differs from Debian's memcached. One more has no exact bytes: STAT conns replies as in
 * text (spec/behaviour/stats.spec.ts), where memcached 1.6.18 does not find the group.
 */
export interface Difference {
  readonly what: string
  readonly reason: string
  readonly request: Buffer
  /** What keepcached answers. */
  readonly reply: Buffer
  readonly ends: boolean
}

const UNKNOWN = { status: 0x81, value: 'Unknown command' }
const NOT_A_NUMBER = { status: 0x06, value: 'Non-numeric server-side value for incr or decr' }
const INVALID = { status: 0x04, value: 'Invalid arguments' }

export const KNOWN_DIFFERENCES: readonly Difference[] = [
  {
    what: 'an unknown opcode with a body is answered at once',
    reason: 'memcached 1.6.18 holds the answer back until more arrives',
    request: request(0x55, { value: 'body' }),
    reply: reply(0x55, UNKNOWN),
    ends: false,
  },
  {
    what: 'VERBOSITY with its extras is answered at once',
    reason: 'memcached 1.6.18 holds the answer back until more arrives',
    request: request(Op.VERBOSITY, { extras: uint32(1) }),
    reply: reply(Op.VERBOSITY, UNKNOWN),
    ends: false,
  },
  {
    what: 'TOUCH with a value is refused',
    reason: 'memcached 1.6.18 answers it and then reads the value as the next request',
    request: request(Op.TOUCH, { key: 'k', extras: uint32(1), value: 'v' }),
    reply: reply(Op.TOUCH, INVALID),
    ends: true,
  },
  {
    what: 'GAT with a value is refused',
    reason: 'memcached 1.6.18 answers it and then reads the value as the next request',
    request: request(Op.GAT, { key: 'k', extras: uint32(1), value: 'v' }),
    reply: reply(Op.GAT, INVALID),
    ends: true,
  },
  {
    what: 'STAT with a value is refused',
    reason: 'memcached 1.6.18 answers it and then reads the value as the next request',
    request: request(Op.STAT, { key: 'k', value: 'v' }),
    reply: reply(Op.STAT, INVALID),
    ends: true,
  },
  {
    what: 'a body of 2^31 bytes or more is refused',
    reason: 'memcached 1.6.18 takes the length for a negative number; later ones refuse it',
    request: request(Op.ADDQ, { keyLength: 1, extrasLength: 8, bodyLength: 0xffffffe8 }),
    reply: reply(Op.ADDQ, INVALID),
    ends: true,
  },
  {
    what: 'a key longer than the body is refused at once',
    reason: 'memcached 1.6.18 refuses it when the key has come',
    request: request(Op.GET, { keyLength: 3, bodyLength: 1 }),
    reply: reply(Op.GET, UNKNOWN),
    ends: true,
  },
  {
    what: 'a value of spaces is not a number',
    reason: 'memcached 1.6.18 reads on behind the value and finds whatever lies there',
    request: Buffer.concat([
      request(Op.SETQ, { key: 'spaces', value: '  ', extras: itemExtras() }),
      request(Op.INCREMENT, { key: 'spaces', extras: counterExtras(1n) }),
    ]),
    reply: reply(Op.INCREMENT, NOT_A_NUMBER),
    ends: false,
  },
  {
    what: 'a long value is not a number, though it begins with one',
    reason: 'memcached 1.6.18 draws the line at half a megabyte, where its items begin to be chunked',
    request: Buffer.concat([
      request(Op.SETQ, { key: 'long', value: `5${' '.repeat(100_000)}`, extras: itemExtras() }),
      request(Op.INCREMENT, { key: 'long', extras: counterExtras(1n) }),
    ]),
    reply: reply(Op.INCREMENT, NOT_A_NUMBER),
    ends: false,
  },
]
