/** Requests whose parts do not fit their opcode. Most of these rows are made from a table, a line for each opcode. */
import { type Check, rowsOf } from '../check-row.js'
import { answer, ask, END, exchange, refused } from '../run/binary-steps.js'

const row = rowsOf('binary.malformed')
const four = new Uint8Array(4)
const eight = new Uint8Array(8)
const twenty = new Uint8Array(20)

/** The opcode, the error in it, and its parts. The reply to all is INVALID_ARGUMENTS, and the connection is closed. */
const WRONG: readonly (readonly [opcode: string, what: string, parts: Parameters<typeof ask>[1]])[] = [
  ['get', 'extras', { key: 'k', extras: four }],
  ['get', 'a value', { key: 'k', value: 'v' }],
  ['get', 'no key', {}],
  ['getq', 'extras', { key: 'k', extras: four }],
  ['getk', 'no key', {}],
  ['getkq', 'a value', { key: 'k', value: 'v' }],
  ['set', 'no extras', { key: 'k', value: 'v', extras: new Uint8Array(0) }],
  ['set', 'half of its extras', { key: 'k', value: 'v', extras: four }],
  ['set', 'no key', { value: 'v', extras: eight }],
  ['setq', 'no extras', { key: 'k', value: 'v', extras: new Uint8Array(0) }],
  ['add', 'half of its extras', { key: 'k', value: 'v', extras: four }],
  ['add', 'no key', { value: 'v', extras: eight }],
  ['replace', 'too many extras', { key: 'k', value: 'v', extras: twenty }],
  ['append', 'extras', { key: 'k', value: 'v', extras: eight }],
  ['append', 'no key', { value: 'v' }],
  ['prepend', 'extras', { key: 'k', value: 'v', extras: four }],
  ['delete', 'extras', { key: 'k', extras: four }],
  ['delete', 'a value', { key: 'k', value: 'v' }],
  ['delete', 'no key', {}],
  ['increment', 'no extras', { key: 'k', extras: new Uint8Array(0) }],
  ['increment', 'half of its extras', { key: 'k', extras: eight }],
  ['increment', 'no key', { extras: twenty }],
  ['increment', 'a value', { key: 'k', value: 'v', extras: twenty }],
  ['decrement', 'half of its extras', { key: 'k', extras: eight }],
  ['noop', 'a key', { key: 'k' }],
  ['noop', 'extras', { extras: four }],
  ['noop', 'a value', { value: 'v' }],
  ['version', 'a key', { key: 'k' }],
  ['quit', 'a key', { key: 'k' }],
  ['touch', 'no extras', { key: 'k', extras: new Uint8Array(0) }],
  ['touch', 'no key', { extras: four }],
  ['gat', 'no extras', { key: 'k', extras: new Uint8Array(0) }],
  ['stat', 'extras', { extras: four }],
]

const slug = (text: string): string => text.replaceAll(' ', '-')

const WRONG_ROWS: readonly Check[] = WRONG.map(([opcode, what, parts]) =>
  row(
    `${opcode}-with-${slug(what)}`,
    `${opcode.toUpperCase()} with ${what} is INVALID_ARGUMENTS, and the connection is closed`,
    [exchange(ask(opcode, parts), refused(opcode, 'INVALID_ARGUMENTS'), END)],
  ),
)

const VALUE_READ_AS_REQUEST = 'the value is read as the next request'

export const MALFORMED: readonly Check[] = [
  ...WRONG_ROWS,
  row(
    'touch-with-a-value',
    'TOUCH with a value is INVALID_ARGUMENTS, and the connection is closed',
    [
      exchange(
        ask('touch', { key: 'k', extras: four, value: 'v' }),
        refused('touch', 'INVALID_ARGUMENTS'),
        END,
      ),
    ],
    { differs: ['memcached', VALUE_READ_AS_REQUEST] },
  ),
  row(
    'gat-with-a-value',
    'GAT with a value is INVALID_ARGUMENTS, and the connection is closed',
    [exchange(ask('gat', { key: 'k', extras: four, value: 'v' }), refused('gat', 'INVALID_ARGUMENTS'), END)],
    { differs: ['memcached', VALUE_READ_AS_REQUEST] },
  ),
  row(
    'stat-with-a-value',
    'STAT with a value is INVALID_ARGUMENTS, and the connection is closed',
    [exchange(ask('stat', { key: 'k', value: 'v' }), refused('stat', 'INVALID_ARGUMENTS'), END)],
    { differs: ['memcached', VALUE_READ_AS_REQUEST] },
  ),
  row('too-long-key', 'A key of 251 bytes is INVALID_ARGUMENTS for a SET too, and the connection is closed', [
    exchange(
      ask('set', { key: { name: 'long', length: 251 }, value: 'v', extras: eight }),
      refused('set', 'INVALID_ARGUMENTS'),
      END,
    ),
  ]),
  row(
    'huge-body',
    'A body of nearly 2^32 bytes is INVALID_ARGUMENTS, and the connection is closed',
    [
      exchange(
        ask('addq', { key: { raw: 'k' }, extras: eight, lengths: { bodyLength: 0xffffffe8 } }),
        refused('addq', 'INVALID_ARGUMENTS'),
        END,
      ),
    ],
    { since: ['1.6.45', 'the length is read as a negative number'] },
  ),
  row('wrong-magic', 'A frame that does not begin with 0x80 closes the connection without a reply', [
    exchange(ask('noop'), answer('noop')),
    exchange(ask('noop', { magic: 0x81 }), END),
  ]),
  row('text-among-frames', 'Text on a binary connection closes it without a reply', [
    exchange(ask('noop'), answer('noop')),
    exchange(ask('get', { magic: 0x67, key: { raw: 'k' } }), END),
  ]),
]
