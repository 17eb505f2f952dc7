import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, refused, stores } from '../run/binary-steps.js'

const row = rowsOf('binary.append')

export const APPEND = [
  row('append', 'APPEND adds its value at the end, keeps the flags, and returns only a new cas', [
    stores('k', 'one', { flags: 5, cas: 'a' }),
    exchange(ask('append', { key: 'k', value: ' two' }), answer('append', { cas: 'b' })),
    holds('k', 'one two', { flags: 5, cas: 'b' }),
  ]),
  row('prepend', 'PREPEND adds its value at the beginning, keeps the flags, and returns only a new cas', [
    stores('k', 'two', { flags: 5, cas: 'a' }),
    exchange(ask('prepend', { key: 'k', value: 'one ' }), answer('prepend', { cas: 'b' })),
    holds('k', 'one two', { flags: 5, cas: 'b' }),
  ]),
  row('append-missing', 'APPEND of a missing key is NOT_STORED', [
    exchange(ask('append', { key: 'k', value: 'v' }), refused('append', 'NOT_STORED')),
    lacks('k'),
  ]),
  row('prepend-missing', 'PREPEND of a missing key is NOT_STORED', [
    exchange(ask('prepend', { key: 'k', value: 'v' }), refused('prepend', 'NOT_STORED')),
    lacks('k'),
  ]),
  row('appendq', 'APPENDQ appends, and sends no reply', [
    stores('k', 'one'),
    exchange(ask('appendq', { key: 'k', value: ' two' })),
    holds('k', 'one two'),
  ]),
  row('prependq', 'PREPENDQ prepends, and sends no reply', [
    stores('k', 'two'),
    exchange(ask('prependq', { key: 'k', value: 'one ' })),
    holds('k', 'one two'),
  ]),
  row('appendq-missing', 'APPENDQ of a missing key sends a reply', [
    exchange(ask('appendq', { key: 'k', value: 'v' }), refused('appendq', 'NOT_STORED')),
    lacks('k'),
  ]),
  row('prependq-missing', 'PREPENDQ of a missing key sends a reply', [
    exchange(ask('prependq', { key: 'k', value: 'v' }), refused('prependq', 'NOT_STORED')),
    lacks('k'),
  ]),
  row('nothing', 'Appending an empty value changes no byte', [
    stores('k', 'v'),
    exchange(ask('append', { key: 'k' }), answer('append', { cas: 'any' })),
    holds('k', 'v'),
  ]),
  row('to-empty', 'An empty value can be appended to', [
    stores('k', ''),
    exchange(ask('append', { key: 'k', value: 'v' }), answer('append', { cas: 'any' })),
    holds('k', 'v'),
  ]),
  row('many', 'Appended pieces are in the order of the requests', [
    stores('k', '0'),
    exchange([1, 2, 3, 4, 5].map((digit) => ask('appendq', { key: 'k', value: `${digit}` }))),
    holds('k', '012345'),
  ]),
]
