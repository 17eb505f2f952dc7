import { useBehaviour } from '../support/behaviour.js'
import { add, done, exists, get, hit, missing, remove, replace, set, stored } from '../support/operations.js'

describe('Storing', () => {
  const transcript = useBehaviour({
    binary: 5,
    'binary, quietly': 5,
    text: 4,
    'text, without replies': 4,
    meta: 5,
    'meta, quietly': 5,
  })

  transcript('set creates an item and overwrites it, whatever its length', [
    [set('key', 'one', { flags: 1 }), stored('first')],
    [set('key', 'two', { flags: 2 }), stored('second')],
    [get('key'), hit('two', { flags: 2, cas: 'second' })],
    [set('key', 'a longer value', { flags: 3 }), stored('third')],
    [get('key'), hit('a longer value', { flags: 3, cas: 'third' })],
    [set('key', ''), stored('fourth')],
    [get('key'), hit('', { cas: 'fourth' })],
  ])

  transcript('add stores only if there is no item', [
    [add('key', 'first', { flags: 1 }), stored('first')],
    [add('key', 'second', { flags: 2 }), exists],
    [get('key'), hit('first', { flags: 1, cas: 'first' })],
    [remove('key'), done],
    [add('key', 'third'), stored('third')],
    [get('key'), hit('third', { cas: 'third' })],
  ])

  transcript('replace stores only if there is an item', [
    [replace('key', 'none'), missing],
    [get('key'), missing],
    [set('key', 'first'), stored('first')],
    [replace('key', 'second', { flags: 9 }), stored('second')],
    [get('key'), hit('second', { flags: 9, cas: 'second' })],
    [remove('key'), done],
    [replace('key', 'third'), missing],
  ])

  transcript('a key may be 250 bytes long and hold any bytes', [
    [set('k'.repeat(250), 'long'), stored()],
    [set('k'.repeat(249), 'shorter'), stored()],
    [set('\0', 'zero'), stored()],
    [set('a b\r\nc\xff\x80', 'any'), stored()],
    [get('k'.repeat(250)), hit('long')],
    [get('k'.repeat(249)), hit('shorter')],
    [get('\0'), hit('zero')],
    [get('\0\0'), missing],
    [get('a b\r\nc\xff\x80'), hit('any')],
  ])

  transcript('the last of many stores wins', [
    ...Array.from({ length: 10 }, (_, n) => [set('key', `value ${n}`), stored(`cas ${n}`)] as const),
    [get('key'), hit('value 9', { cas: 'cas 9' })],
  ])
})
