import { useBehaviour } from '../support/behaviour.js'
import { done, flush, get, hit, missing, remove, set, stored } from '../support/operations.js'

describe('Getting', () => {
  const transcript = useBehaviour(8)

  transcript('returns the value as it was stored', [
    [set('key', 'value'), stored('first')],
    [get('key'), hit('value', { cas: 'first' })],
    [get('key'), hit('value', { cas: 'first' })],
  ])

  transcript('misses a key that was never stored', [[get('key'), missing]])

  transcript('returns all 32 bits of the flags', [
    [set('none', 'v', { flags: 0 }), stored()],
    [set('some', 'v', { flags: 0x01020304 }), stored()],
    [set('all', 'v', { flags: 0xffffffff }), stored()],
    [get('none'), hit('v', { flags: 0 })],
    [get('some'), hit('v', { flags: 0x01020304 })],
    [get('all'), hit('v', { flags: 0xffffffff })],
  ])

  transcript('finds an empty value', [
    [set('key', '', { flags: 5 }), stored('first')],
    [get('key'), hit('', { flags: 5, cas: 'first' })],
  ])

  transcript('returns any bytes in a value', [
    [set('key', 'a\0b\r\nEND\r\n\x80\xff'), stored()],
    [get('key'), hit('a\0b\r\nEND\r\n\x80\xff')],
  ])

  transcript('distinguishes keys with a common prefix or a different case', [
    [set('key', '1'), stored()],
    [set('keys', '2'), stored()],
    [set('Key', '3'), stored()],
    [get('key'), hit('1')],
    [get('keys'), hit('2')],
    [get('Key'), hit('3')],
    [get('ke'), missing],
  ])

  transcript('misses what was deleted', [
    [set('key', 'value'), stored()],
    [remove('key'), done],
    [get('key'), missing],
  ])

  transcript('misses what was flushed', [
    [set('key', 'value'), stored()],
    [flush(), done],
    [get('key'), missing],
  ])
})
