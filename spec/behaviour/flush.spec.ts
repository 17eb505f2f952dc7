import { useBehaviour } from '../support/behaviour.js'
import {
  add,
  append,
  counted,
  done,
  flush,
  get,
  hit,
  increment,
  missing,
  notStored,
  remove,
  replace,
  set,
  stored,
  touch,
} from '../support/operations.js'

describe('Flushing', () => {
  const transcript = useBehaviour({
    binary: 5,
    'binary, quietly': 4,
    text: 4,
    'text, without replies': 4,
    meta: 5,
    'meta, quietly': 4,
  })

  transcript('removes every item', [
    [set('one', '1'), stored()],
    [set('two', '2', { expiry: 100 }), stored()],
    [increment('three', 1n, { initial: 3n }), counted(3n)],
    [flush(), done],
    [get('one'), missing],
    [get('two'), missing],
    [get('three'), missing],
  ])

  transcript('leaves nothing to change', [
    [set('key', '1'), stored()],
    [flush(), done],
    [replace('key', '2'), missing],
    [append('key', '2'), notStored],
    [increment('key', 1n), missing],
    [remove('key'), missing],
    [add('key', '3'), stored()],
    [get('key'), hit('3')],
  ])

  transcript('leaves nothing to touch', [
    [set('key', '1'), stored()],
    [flush(), done],
    [touch('key', 10), missing],
  ])

  transcript('follows the order of requests: what is stored after it in the same second stays', [
    [set('before', '1'), stored()],
    [flush(), done],
    [set('after', '2'), stored()],
    [flush(), done],
    [get('after'), missing],
    [set('after', '3'), stored()],
    [get('before'), missing],
    [get('after'), hit('3')],
  ])

  transcript('of an empty server succeeds', [
    [flush(), done],
    [flush(), done],
  ])
})
