import { useBehaviour } from '../support/behaviour.js'
import {
  add,
  append,
  counted,
  decrement,
  done,
  exists,
  flush,
  get,
  getAndTouch,
  hit,
  increment,
  missing,
  notStored,
  prepend,
  remove,
  replace,
  set,
  stored,
  touch,
  touched,
} from '../support/operations.js'

describe('The cas of an item', () => {
  const transcript = useBehaviour({
    binary: 11,
    'binary, quietly': 10,
    text: 4,
    'text, without replies': 4,
    meta: 8,
    'meta, quietly': 6,
  })

  transcript('is new after every change', [
    [set('key', '1'), stored('set')],
    [get('key'), hit('1', { cas: 'set' })],
    [set('key', '1'), stored('set again')],
    [replace('key', '1'), stored('replace')],
    [append('key', '0'), stored('append')],
    [prepend('key', '1'), stored('prepend')],
    [get('key'), hit('110', { cas: 'prepend' })],
    [increment('key', 1n), counted(111n, 'increment')],
    [get('key'), hit('111', { cas: 'increment' })],
    [decrement('key', 1n), counted(110n, 'decrement')],
    [get('key'), hit('110', { cas: 'decrement' })],
    [remove('key'), done],
    [add('key', '1'), stored('add')],
    [get('key'), hit('1', { cas: 'add' })],
  ])

  transcript('is different for every item', [
    [set('one', 'v'), stored('one')],
    [set('two', 'v'), stored('two')],
    [add('three', 'v'), stored('three')],
    [increment('four', 0n, { initial: 4n }), counted(4n, 'four')],
    [get('one'), hit('v', { cas: 'one' })],
    [get('two'), hit('v', { cas: 'two' })],
    [get('three'), hit('v', { cas: 'three' })],
    [get('four'), hit('4', { cas: 'four' })],
  ])

  transcript('is not used again after a flush', [
    [set('key', 'v'), stored('before')],
    [flush(), done],
    [set('key', 'v'), stored('after')],
    [get('key'), hit('v', { cas: 'after' })],
  ])

  transcript('does not change when the item is read or touched, or a change is refused', [
    [set('key', 'v', { flags: 3 }), stored('first')],
    [get('key'), hit('v', { flags: 3, cas: 'first' })],
    [touch('key', 100), touched({ flags: 3, cas: 'first' })],
    [getAndTouch('key', 200), hit('v', { flags: 3, cas: 'first' })],
    [add('key', 'w'), exists],
    [get('key'), hit('v', { flags: 3, cas: 'first' })],
  ])

  transcript('allows a change that names it', [
    [set('key', '1'), stored()],
    [get('key'), hit('1', { cas: 'first' })],
    [set('key', '2', { cas: 'first' }), stored('second')],
    [get('key'), hit('2', { cas: 'second' })],
    [replace('key', '3', { cas: 'second' }), stored()],
    [get('key'), hit('3', { cas: 'third' })],
    [append('key', '4', { cas: 'third' }), stored()],
    [get('key'), hit('34', { cas: 'fourth' })],
    [prepend('key', '2', { cas: 'fourth' }), stored()],
    [get('key'), hit('234', { cas: 'fifth' })],
    [increment('key', 1n, { cas: 'fifth' }), counted(235n)],
    [get('key'), hit('235', { cas: 'sixth' })],
    [decrement('key', 2n, { cas: 'sixth' }), counted(233n)],
    [get('key'), hit('233', { cas: 'seventh' })],
    [remove('key', { cas: 'seventh' }), done],
    [get('key'), missing],
  ])

  transcript('refuses a change that names an older one', [
    [set('key', '1'), stored()],
    [get('key'), hit('1', { cas: 'old' })],
    [set('key', '2'), stored()],
    [get('key'), hit('2', { cas: 'new' })],
    [set('key', '3', { cas: 'old' }), exists],
    [replace('key', '3', { cas: 'old' }), exists],
    [append('key', '3', { cas: 'old' }), exists],
    [prepend('key', '3', { cas: 'old' }), exists],
    [increment('key', 1n, { cas: 'old' }), exists],
    [decrement('key', 1n, { cas: 'old' }), exists],
    [remove('key', { cas: 'old' }), exists],
    [get('key'), hit('2', { cas: 'new' })],
  ])

  transcript('allows only one of two changes that name it', [
    [set('key', '1'), stored()],
    [get('key'), hit('1', { cas: 'first' })],
    [set('key', '2', { cas: 'first' }), stored()],
    [set('key', '3', { cas: 'first' }), exists],
    [get('key'), hit('2')],
  ])

  transcript('cannot be used for an item that is gone', [
    [set('key', '1'), stored()],
    [get('key'), hit('1', { cas: 'old' })],
    [remove('key'), done],
    [set('key', '2', { cas: 'old' }), missing],
    [add('key', '2', { cas: 'old' }), missing],
    [replace('key', '2', { cas: 'old' }), missing],
    [append('key', '2', { cas: 'old' }), notStored],
    [prepend('key', '2', { cas: 'old' }), notStored],
    [remove('key', { cas: 'old' }), missing],
    [increment('key', 1n, { cas: 'old' }), missing],
    [get('key'), missing],
  ])

  transcript('given for a missing counter does not keep it from being created', [
    [set('other', '1'), stored()],
    [get('other'), hit('1', { cas: 'other' })],
    [increment('key', 1n, { initial: 7n, cas: 'other' }), counted(7n)],
    [get('key'), hit('7')],
  ])

  transcript('given in a get is ignored', [
    [set('key', '1'), stored()],
    [set('other', '2'), stored()],
    [get('other'), hit('2', { cas: 'other' })],
    [{ ...get('key'), cas: 'other' }, hit('1')],
    [{ ...getAndTouch('key', 100), cas: 'other' }, hit('1')],
  ])

  transcript('makes set, add and replace the same command: they change the item that has it', [
    [set('key', '1'), stored()],
    [get('key'), hit('1', { cas: 'first' })],
    [add('key', '2', { cas: 'first' }), stored()],
    [get('key'), hit('2', { cas: 'second' })],
    [add('key', '3', { cas: 'first' }), exists],
    [get('key'), hit('2', { cas: 'second' })],
  ])
})
