import { useBehaviour } from '../support/behaviour.js'
import {
  add,
  append,
  done,
  exists,
  get,
  hit,
  missing,
  notStored,
  prepend,
  remove,
  replace,
  set,
  stored,
  tooLarge,
} from '../support/operations.js'
import { pattern } from '../support/pattern.js'

/** The longest value of a 1 MiB item, by memcached's count: 48 + 8 + key + 1 + value + 2, and 4 for flags. */
const VALUE_LENGTH_MAX = 1024 * 1024 - 48 - 8 - 'key'.length - 1 - 2
const FLAGS_LENGTH = 4

describe('Large values', () => {
  const transcript = useBehaviour({
    binary: 16,
    'binary, quietly': 16,
    text: 15,
    'text, without replies': 15,
    meta: 15,
    'meta, quietly': 15,
  })

  for (const length of [4095, 16_383, 16_384, 16_385, 65_536, 573_440])
    transcript(`of ${length} bytes come back whole`, [
      [set('key', pattern(length), { flags: 7 }), stored('first')],
      [set('after', 'small'), stored()],
      [get('key'), hit(pattern(length), { flags: 7, cas: 'first' })],
      [get('after'), hit('small')],
    ])

  transcript('replace small ones and are replaced by them', [
    [set('key', 'small'), stored()],
    [set('key', pattern(100_000)), stored()],
    [get('key'), hit(pattern(100_000))],
    [set('key', pattern(90_000, 2)), stored()],
    [get('key'), hit(pattern(90_000, 2))],
    [set('key', 'small again'), stored()],
    [get('key'), hit('small again')],
    [remove('key'), done],
    [get('key'), missing],
  ])

  transcript('can be added and replaced', [
    [add('key', pattern(50_000)), stored()],
    [add('key', pattern(60_000)), exists],
    [get('key'), hit(pattern(50_000))],
    [replace('key', pattern(70_000)), stored()],
    [get('key'), hit(pattern(70_000))],
    [remove('key'), done],
    [replace('key', pattern(70_000)), missing],
    [get('key'), missing],
  ])

  transcript('are changed only with the right cas', [
    [set('key', pattern(50_000)), stored()],
    [get('key'), hit(pattern(50_000), { cas: 'first' })],
    [set('key', pattern(60_000, 2), { cas: 'first' }), stored()],
    [set('key', pattern(70_000, 3), { cas: 'first' }), exists],
    [get('key'), hit(pattern(60_000, 2))],
  ])

  transcript('can be appended and prepended', [
    [set('key', 'middle'), stored()],
    [append('key', pattern(40_000)), stored()],
    [prepend('key', pattern(30_000, 2)), stored()],
    [append('key', 'end'), stored()],
    [
      get('key'),
      hit(Buffer.concat([pattern(30_000, 2), Buffer.from('middle'), pattern(40_000), Buffer.from('end')])),
    ],
    [append('none', pattern(40_000)), notStored],
    [get('none'), missing],
  ])

  transcript('may be as long as the item limit', [
    [set('key', pattern(VALUE_LENGTH_MAX)), stored()],
    [get('key'), hit(pattern(VALUE_LENGTH_MAX))],
    [set('key', pattern(VALUE_LENGTH_MAX + 1)), tooLarge],
    [get('key'), missing],
  ])

  transcript('may be four bytes less with flags', [
    [set('key', pattern(VALUE_LENGTH_MAX - FLAGS_LENGTH), { flags: 1 }), stored()],
    [set('key', pattern(VALUE_LENGTH_MAX - FLAGS_LENGTH + 1), { flags: 1 }), tooLarge],
    [get('key'), missing],
  ])

  transcript('share the limit with their key', [
    [set('k'.repeat(250), pattern(VALUE_LENGTH_MAX - 247)), stored()],
    [set('k'.repeat(250), pattern(VALUE_LENGTH_MAX - 246)), tooLarge],
  ])

  transcript('above the limit delete the old value when sent by set', [
    [set('key', 'old'), stored()],
    [set('key', pattern(1024 * 1024 + 1)), tooLarge],
    [get('key'), missing],
    [set('key', 'new'), stored()],
    [get('key'), hit('new', { cas: 'new' })],
    [set('key', pattern(1024 * 1024 + 1), { cas: 'new' }), tooLarge],
    [get('key'), missing],
  ])

  transcript('above the limit do not change the old value when sent by add, replace or append', [
    [set('key', 'old', { flags: 2 }), stored('old')],
    [add('key', pattern(1024 * 1024 + 1)), tooLarge],
    [replace('key', pattern(1024 * 1024 + 1)), tooLarge],
    [append('key', pattern(1024 * 1024 + 1)), tooLarge],
    [prepend('key', pattern(1024 * 1024 + 1)), tooLarge],
    [get('key'), hit('old', { flags: 2, cas: 'old' })],
  ])

  transcript('cannot grow above the limit', [
    [set('key', pattern(VALUE_LENGTH_MAX - 10)), stored()],
    [append('key', '01234567890'), notStored],
    [prepend('key', '01234567890'), notStored],
    [get('key'), hit(pattern(VALUE_LENGTH_MAX - 10))],
    [append('key', '0123456789'), stored()],
    [get('key'), hit(Buffer.concat([pattern(VALUE_LENGTH_MAX - 10), Buffer.from('0123456789')]))],
  ])
})
