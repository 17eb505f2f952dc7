import { itemExtras, Op, reply, request, uint32 } from '../support/frames.js'

/** Where keepcached is not to answer as Debian's memcached does. */
export interface Difference {
  readonly what: string
  readonly reason: string
  readonly request: Buffer
  /** What keepcached answers. */
  readonly reply: Buffer
  readonly ends: boolean
}

const INVALID = { status: 0x04, value: 'Invalid arguments' }

export const KNOWN_DIFFERENCES: readonly Difference[] = [
  {
    what: 'an unknown opcode with a body is answered at once',
    reason: 'memcached 1.6.18 holds the answer back until more arrives',
    request: request(0x55, { value: 'body' }),
    reply: reply(0x55, { status: 0x81, value: 'Unknown command' }),
    ends: false,
  },
  {
    what: 'VERBOSITY with its extras is answered at once',
    reason: 'memcached 1.6.18 holds the answer back until more arrives',
    request: request(Op.VERBOSITY, { extras: uint32(1) }),
    reply: reply(Op.VERBOSITY, { status: 0x81, value: 'Unknown command' }),
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
    what: 'a key longer than the body is refused',
    reason: 'memcached 1.6.18 waits for a body that cannot come',
    request: request(Op.GET, { keyLength: 3, bodyLength: 1 }),
    reply: reply(Op.GET, INVALID),
    ends: true,
  },
  {
    what: 'extras longer than the body are refused',
    reason: 'memcached 1.6.18 waits for a body that cannot come',
    request: request(Op.SET, { keyLength: 1, extrasLength: 8, bodyLength: 8, extras: itemExtras() }),
    reply: reply(Op.SET, INVALID),
    ends: true,
  },
]
