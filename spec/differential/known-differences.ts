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
    what: 'answers an unknown opcode with a body at once',
    reason: 'memcached 1.6.18 delays the reply until more bytes arrive',
    request: request(0x55, { value: 'body' }),
    reply: reply(0x55, UNKNOWN),
    ends: false,
  },
  {
    what: 'answers VERBOSITY with its extras at once',
    reason: 'memcached 1.6.18 delays the reply until more bytes arrive',
    request: request(Op.VERBOSITY, { extras: uint32(1) }),
    reply: reply(Op.VERBOSITY, UNKNOWN),
    ends: false,
  },
  {
    what: 'refuses TOUCH with a value',
    reason: 'memcached 1.6.18 answers it and then reads the value as the next request',
    request: request(Op.TOUCH, { key: 'k', extras: uint32(1), value: 'v' }),
    reply: reply(Op.TOUCH, INVALID),
    ends: true,
  },
  {
    what: 'refuses GAT with a value',
    reason: 'memcached 1.6.18 answers it and then reads the value as the next request',
    request: request(Op.GAT, { key: 'k', extras: uint32(1), value: 'v' }),
    reply: reply(Op.GAT, INVALID),
    ends: true,
  },
  {
    what: 'refuses STAT with a value',
    reason: 'memcached 1.6.18 answers it and then reads the value as the next request',
    request: request(Op.STAT, { key: 'k', value: 'v' }),
    reply: reply(Op.STAT, INVALID),
    ends: true,
  },
  {
    what: 'refuses a body of 2^31 bytes or more',
    reason: 'memcached 1.6.18 reads the length as a negative number; later versions refuse it',
    request: request(Op.ADDQ, { keyLength: 1, extrasLength: 8, bodyLength: 0xffffffe8 }),
    reply: reply(Op.ADDQ, INVALID),
    ends: true,
  },
  {
    what: 'refuses a key longer than the body at once',
    reason: 'memcached 1.6.18 refuses it when the key has arrived',
    request: request(Op.GET, { keyLength: 3, bodyLength: 1 }),
    reply: reply(Op.GET, UNKNOWN),
    ends: true,
  },
  {
    what: 'does not count a value of spaces as a number',
    reason: 'memcached 1.6.18 reads on after the value',
    request: Buffer.concat([
      request(Op.SETQ, { key: 'spaces', value: '  ', extras: itemExtras() }),
      request(Op.INCREMENT, { key: 'spaces', extras: counterExtras(1n) }),
    ]),
    reply: reply(Op.INCREMENT, NOT_A_NUMBER),
    ends: false,
  },
  {
    what: 'does not count a long value as a number',
    reason: 'memcached 1.6.18 does so above half a megabyte, where it chunks items',
    request: Buffer.concat([
      request(Op.SETQ, { key: 'long', value: `5${' '.repeat(100_000)}`, extras: itemExtras() }),
      request(Op.INCREMENT, { key: 'long', extras: counterExtras(1n) }),
    ]),
    reply: reply(Op.INCREMENT, NOT_A_NUMBER),
    ends: false,
  },
]
