import { useBehaviour } from '../support/behaviour.js'
import {
  counted,
  decrement,
  done,
  get,
  hit,
  increment,
  missing,
  notANumber,
  remove,
  set,
  stored,
} from '../support/operations.js'

const LARGEST = 2n ** 64n - 1n

describe('Counting', () => {
  const transcript = useBehaviour({
    binary: 26,
    'binary, quietly': 26,
    text: 15,
    'text, without replies': 15,
    meta: 26,
    'meta, quietly': 15,
  })

  transcript('creates a counter with its initial value, without the delta, and counts from there', [
    [increment('up', 5n, { initial: 100n }), counted(100n, 'created')],
    [get('up'), hit('100', { flags: 0, cas: 'created' })],
    [increment('up', 5n, { initial: 100n }), counted(105n, 'counted')],
    [get('up'), hit('105', { cas: 'counted' })],
    [decrement('down', 5n, { initial: 3n }), counted(3n)],
    [decrement('down', 2n, { initial: 3n }), counted(1n)],
    [get('down'), hit('1')],
  ])

  transcript('creates nothing without an initial value', [
    [increment('key', 1n), missing],
    [decrement('key', 1n), missing],
    [get('key'), missing],
    [set('key', '5'), stored()],
    [increment('key', 1n), counted(6n)],
    [decrement('key', 2n), counted(4n)],
  ])

  transcript('creates a counter anew after it was deleted', [
    [increment('key', 1n, { initial: 10n }), counted(10n)],
    [remove('key'), done],
    [increment('key', 1n), missing],
    [increment('key', 1n, { initial: 20n }), counted(20n)],
  ])

  transcript('makes an item longer when the number grows', [
    [set('key', '9', { flags: 77 }), stored()],
    [increment('key', 1n), counted(10n)],
    [get('key'), hit('10', { flags: 77 })],
    [increment('key', 999_999_999n), counted(1_000_000_009n)],
    [get('key'), hit('1000000009', { flags: 77 })],
  ])

  transcript('pads a number that becomes shorter with spaces', [
    [set('key', '10', { flags: 77 }), stored()],
    [decrement('key', 1n), counted(9n)],
    [get('key'), hit('9 ', { flags: 77 })],
    [decrement('key', 1n), counted(8n)],
    [get('key'), hit('8 ', { flags: 77 })],
    [increment('key', 2n), counted(10n)],
    [get('key'), hit('10', { flags: 77 })],
  ])

  transcript('stops at 0 when counting down', [
    [set('key', '5'), stored()],
    [decrement('key', 6n), counted(0n)],
    [decrement('key', LARGEST), counted(0n)],
    [get('key'), hit('0')],
  ])

  transcript('continues from 0 after the largest number', [
    [set('key', `${LARGEST}`), stored()],
    [increment('key', 1n), counted(0n)],
    [get('key'), hit(`0${' '.repeat(19)}`)],
    [set('key', `${LARGEST}`), stored()],
    [increment('key', LARGEST), counted(LARGEST - 1n)],
  ])

  transcript('is exact in all 64 bits', [
    [set('key', '9007199254740993'), stored()],
    [increment('key', 0n), counted(9007199254740993n)],
    [set('key', '9223372036854775807'), stored()],
    [increment('key', 1n), counted(9223372036854775808n)],
    [increment('key', 1n), counted(9223372036854775809n)],
    [decrement('key', 1n), counted(9223372036854775808n)],
    [get('key'), hit('9223372036854775808')],
    [set('key', '18446744073709551610'), stored()],
    [decrement('key', 18446744073709551609n), counted(1n)],
    [increment('new', 1n, { initial: LARGEST }), counted(LARGEST)],
    [get('new'), hit('18446744073709551615')],
    [set('halves', '4294967295'), stored()],
    [increment('halves', 1n), counted(4294967296n)],
    [decrement('halves', 1n), counted(4294967295n)],
    [get('halves'), hit('4294967295')],
  ])

  transcript('by nothing answers the number', [
    [set('key', '42'), stored()],
    [increment('key', 0n), counted(42n)],
    [decrement('key', 0n), counted(42n)],
    [get('key'), hit('42')],
  ])

  for (const text of [
    '',
    'abc',
    '-5',
    '5x',
    '0x10',
    '1.5',
    '18446744073709551616',
    '123456789012345678901234',
  ])
    transcript(`refuses '${text}' and leaves it as it is`, [
      [set('key', text, { flags: 3 }), stored('first')],
      [increment('key', 1n), notANumber],
      [decrement('key', 1n), notANumber],
      [increment('key', 1n, { initial: 1n }), notANumber],
      [get('key'), hit(text, { flags: 3, cas: 'first' })],
    ])

  const NUMBERS: readonly [text: string, sum: string][] = [
    [' 5', '6 '],
    ['\t5', '6 '],
    ['5 ', '6 '],
    ['5\n', '6 '],
    ['5\0', '6 '],
    ['+5', '6 '],
    ['007', '8  '],
    [`1${' '.repeat(30)}`, `2${' '.repeat(30)}`],
  ]
  for (const [text, sum] of NUMBERS)
    transcript(`reads ${JSON.stringify(text)} as a number`, [
      [set('key', text), stored()],
      [increment('key', 1n), counted(BigInt(sum.trim()))],
      [get('key'), hit(sum)],
    ])

  transcript('works with keys of many lengths', [
    ...[1, 2, 100, 249, 250].flatMap(
      (length) =>
        [
          [set('k'.repeat(length), '9'), stored()],
          [increment('k'.repeat(length), 1n), counted(10n)],
          [get('k'.repeat(length)), hit('10')],
        ] as const,
    ),
  ])
})
