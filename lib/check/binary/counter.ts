import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, refused, stores } from '../run/binary-steps.js'
import { uint64 } from './uint64.js'

const row = rowsOf('binary.counter')
/** An expiry that means: do not create the counter. */
const NO_COUNTER = 0xffffffff
const MAX = 2n ** 64n - 1n

const asks = (opcode: string, delta: bigint, initial = 0n, expiry = 0) =>
  ask(opcode, { key: 'k', extras: { delta, initial, expiry } })
const counts = (opcode: string, delta: bigint, number: bigint, cas = 'any') =>
  exchange(asks(opcode, delta), answer(opcode, { value: uint64(number), cas }))

export const COUNTER = [
  row('increment', 'INCREMENT returns the new number as 8 bytes, and a new cas', [
    stores('k', '10', { cas: 'a' }),
    counts('increment', 5n, 15n, 'b'),
    holds('k', '15', { cas: 'b' }),
  ]),
  row('decrement', 'DECREMENT returns the new number as 8 bytes, and a new cas', [
    stores('k', '15', { cas: 'a' }),
    counts('decrement', 5n, 10n, 'b'),
    holds('k', '10', { cas: 'b' }),
  ]),
  row(
    'increment-creates',
    'INCREMENT of a missing key creates it with the initial number, and returns that',
    [
      exchange(asks('increment', 5n, 1n), answer('increment', { value: uint64(1n), cas: 'a' })),
      holds('k', '1', { cas: 'a' }),
    ],
  ),
  row(
    'decrement-creates',
    'DECREMENT of a missing key creates it with the initial number, and returns that',
    [
      exchange(asks('decrement', 5n, 100n), answer('decrement', { value: uint64(100n), cas: 'a' })),
      holds('k', '100', { cas: 'a' }),
    ],
  ),
  row('increment-not-created', 'With an expiry of 0xffffffff INCREMENT creates nothing', [
    exchange(asks('increment', 1n, 1n, NO_COUNTER), refused('increment', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('decrement-not-created', 'With an expiry of 0xffffffff DECREMENT creates nothing', [
    exchange(asks('decrement', 1n, 1n, NO_COUNTER), refused('decrement', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('counts-with-no-counter', 'With an expiry of 0xffffffff an existing counter is counted', [
    stores('k', '1'),
    exchange(asks('increment', 1n, 9n, NO_COUNTER), answer('increment', { value: uint64(2n), cas: 'any' })),
  ]),
  row('initial-is-ignored', 'The initial number is ignored if the counter exists', [
    stores('k', '1'),
    exchange(asks('increment', 1n, 50n), answer('increment', { value: uint64(2n), cas: 'any' })),
  ]),
  row('largest-initial', 'An initial number has 64 bits', [
    exchange(asks('increment', 1n, MAX), answer('increment', { value: uint64(MAX), cas: 'any' })),
    holds('k', `${MAX}`),
  ]),
  row('wraps', 'INCREMENT wraps at 2^64', [stores('k', `${MAX}`), counts('increment', 1n, 0n)]),
  row('wraps-far', 'INCREMENT wraps to the sum modulo 2^64', [
    stores('k', `${MAX}`),
    counts('increment', 11n, 10n),
  ]),
  row('stops', 'DECREMENT stops at 0', [
    stores('k', '3'),
    counts('decrement', 5n, 0n),
    counts('decrement', 1n, 0n),
  ]),
  row('beyond-double', 'Numbers beyond 2^53 are exact', [
    stores('k', '9007199254740992'),
    counts('increment', 1n, 9007199254740993n),
    counts('increment', 2n, 9007199254740995n),
  ]),
  row('beyond-signed', 'Numbers beyond 2^63 are exact', [
    stores('k', '9223372036854775807'),
    counts('increment', 1n, 9223372036854775808n),
    counts('increment', 1n, 9223372036854775809n),
    counts('decrement', 1n, 9223372036854775808n),
  ]),
  row('largest-delta', 'A delta has 64 bits', [stores('k', '5'), counts('increment', MAX, 4n)]),
  row('delta-of-0', 'A delta of 0 does not change the number', [
    stores('k', '7'),
    counts('increment', 0n, 7n),
  ]),
  row('text', 'INCREMENT of a text is NOT_A_NUMBER, and changes nothing', [
    stores('k', 'blue', { cas: 'a' }),
    exchange(asks('increment', 1n), refused('increment', 'NOT_A_NUMBER')),
    holds('k', 'blue', { cas: 'a' }),
  ]),
  row('decrement-text', 'DECREMENT of a text is NOT_A_NUMBER, and changes nothing', [
    stores('k', 'blue', { cas: 'a' }),
    exchange(asks('decrement', 1n), refused('decrement', 'NOT_A_NUMBER')),
    holds('k', 'blue', { cas: 'a' }),
  ]),
  row('number-and-text', 'A number followed by letters is NOT_A_NUMBER', [
    stores('k', '12b'),
    exchange(asks('increment', 1n), refused('increment', 'NOT_A_NUMBER')),
  ]),
  row('negative', 'A negative number is NOT_A_NUMBER', [
    stores('k', '-1'),
    exchange(asks('increment', 1n), refused('increment', 'NOT_A_NUMBER')),
  ]),
  row('too-large', 'A number of more than 64 bits is NOT_A_NUMBER', [
    stores('k', '18446744073709551616'),
    exchange(asks('increment', 1n), refused('increment', 'NOT_A_NUMBER')),
  ]),
  row('empty', 'An empty value is NOT_A_NUMBER', [
    stores('k', ''),
    exchange(asks('increment', 1n), refused('increment', 'NOT_A_NUMBER')),
  ]),
  row('longer', 'A number may become longer', [
    stores('k', '99'),
    counts('increment', 1n, 100n),
    holds('k', '100'),
  ]),
  row('padded', 'A number that becomes shorter keeps its length, padded with spaces', [
    stores('k', '10'),
    counts('decrement', 1n, 9n),
    holds('k', '9 '),
  ]),
  row('padded-counts-on', 'A number padded with spaces can be counted', [
    stores('k', '10'),
    counts('decrement', 1n, 9n),
    counts('increment', 2n, 11n),
    holds('k', '11'),
  ]),
  row('keeps-flags', 'Counting keeps the flags', [
    stores('k', '1', { flags: 9 }),
    counts('increment', 1n, 2n),
    holds('k', '2', { flags: 9 }),
  ]),
  row('created-without-flags', 'A counter that is created has flags of 0', [
    exchange(asks('increment', 1n, 5n), answer('increment', { value: uint64(5n), cas: 'any' })),
    holds('k', '5', { flags: 0 }),
  ]),
  row('incrementq', 'INCREMENTQ counts, and sends no reply', [
    stores('k', '1'),
    exchange(asks('incrementq', 1n)),
    holds('k', '2'),
  ]),
  row('decrementq', 'DECREMENTQ counts, and sends no reply', [
    stores('k', '2'),
    exchange(asks('decrementq', 1n)),
    holds('k', '1'),
  ]),
  row('incrementq-creates', 'INCREMENTQ creates, and sends no reply', [
    exchange(asks('incrementq', 1n, 7n)),
    holds('k', '7'),
  ]),
  row('decrementq-creates', 'DECREMENTQ creates, and sends no reply', [
    exchange(asks('decrementq', 1n, 7n)),
    holds('k', '7'),
  ]),
  row('incrementq-missing', 'INCREMENTQ of a missing counter that is not created sends a reply', [
    exchange(asks('incrementq', 1n, 1n, NO_COUNTER), refused('incrementq', 'NOT_FOUND')),
  ]),
  row('incrementq-text', 'INCREMENTQ of a text sends a reply', [
    stores('k', 'blue'),
    exchange(asks('incrementq', 1n), refused('incrementq', 'NOT_A_NUMBER')),
  ]),
  row('decrementq-text', 'DECREMENTQ of a text sends a reply', [
    stores('k', 'blue'),
    exchange(asks('decrementq', 1n), refused('decrementq', 'NOT_A_NUMBER')),
  ]),
]
