import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, stores, wait } from '../run/binary-steps.js'
import { uint64 } from './uint64.js'

const row = rowsOf('binary.expiry')
const DAY_SECONDS = 24 * 60 * 60

export const EXPIRY = [
  row('ends', 'An item expires after its seconds', [stores('k', 'v', { expiry: 1 }), wait(3), lacks('k')]),
  row('lives', 'An item is live until its seconds have passed', [
    stores('k', 'v', { expiry: 60 }),
    wait(3),
    holds('k', 'v'),
  ]),
  row('never', 'An item with an expiry of 0 never expires', [stores('k', 'v'), wait(3), holds('k', 'v')]),
  row('thirty-days', 'An expiry up to 30 days is relative', [
    stores('k', 'v', { expiry: 30 * DAY_SECONDS }),
    holds('k', 'v'),
  ]),
  row(
    'absolute-past',
    'An expiry beyond 30 days is absolute: if it is in the past, the item expires at once',
    [stores('k', 'v', { expiry: 30 * DAY_SECONDS + 1 }), lacks('k')],
  ),
  row('absolute-future', 'An expiry beyond 30 days is absolute: if it is in the future, the item is live', [
    stores('k', 'v', { expiry: 0x7fffffff }),
    holds('k', 'v'),
  ]),
  row('unsigned', 'An expiry is an unsigned number: 0xffffffff is in the future', [
    stores('k', 'v', { expiry: 0xffffffff }),
    holds('k', 'v'),
  ]),
  row('add-over', 'ADD stores if the item has expired', [
    stores('k', 'first', { expiry: 1 }),
    wait(3),
    exchange(ask('add', { key: 'k', value: 'second', extras: { expiry: 0 } }), answer('add', { cas: 'any' })),
    holds('k', 'second'),
  ]),
  row('append-keeps', 'APPEND keeps the expiry', [
    stores('k', 'v', { expiry: 2 }),
    exchange(ask('append', { key: 'k', value: '+' }), answer('append', { cas: 'any' })),
    wait(4),
    lacks('k'),
  ]),
  row('increment-keeps', 'INCREMENT keeps the expiry of a counter', [
    stores('k', '1', { expiry: 2 }),
    exchange(
      ask('increment', { key: 'k', extras: { delta: 1n, initial: 0n, expiry: 3600 } }),
      answer('increment', { value: uint64(2n), cas: 'any' }),
    ),
    wait(4),
    lacks('k'),
  ]),
  row('counter-ends', 'A counter that is created has the expiry of the request', [
    exchange(
      ask('increment', { key: 'k', extras: { delta: 1n, initial: 5n, expiry: 1 } }),
      answer('increment', { value: uint64(5n), cas: 'any' }),
    ),
    wait(3),
    lacks('k'),
  ]),
  row('set-renews', 'SET sets a new expiry', [
    stores('k', 'first', { expiry: 1 }),
    stores('k', 'second', { expiry: 60 }),
    wait(3),
    holds('k', 'second'),
  ]),
]
