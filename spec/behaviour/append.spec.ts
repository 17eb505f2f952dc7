import { useBehaviour } from '../support/behaviour.js'
import {
  append,
  counted,
  done,
  get,
  hit,
  increment,
  missing,
  notStored,
  prepend,
  remove,
  set,
  stored,
} from '../support/operations.js'

describe('Appending and prepending', () => {
  const transcript = useBehaviour(6)

  transcript('add to either end of a value and keep its flags', [
    [set('key', 'middle', { flags: 0xdeadbeef }), stored('first')],
    [append('key', ' end'), stored('second')],
    [prepend('key', 'begin '), stored('third')],
    [get('key'), hit('begin middle end', { flags: 0xdeadbeef, cas: 'third' })],
  ])

  transcript('do not store if there is no item', [
    [append('key', 'x'), notStored],
    [prepend('key', 'x'), notStored],
    [get('key'), missing],
    [set('key', 'v'), stored()],
    [remove('key'), done],
    [append('key', 'x'), notStored],
  ])

  transcript('of an empty value do not change the value but count as a change', [
    [set('key', 'value'), stored('first')],
    [append('key', ''), stored('second')],
    [prepend('key', ''), stored('third')],
    [get('key'), hit('value', { cas: 'third' })],
  ])

  transcript('fill an empty value', [
    [set('key', ''), stored()],
    [append('key', 'b'), stored()],
    [prepend('key', 'a'), stored()],
    [get('key'), hit('ab')],
  ])

  transcript('make a number longer', [
    [set('key', '1'), stored()],
    [append('key', '9'), stored()],
    [increment('key', 1n), counted(20n)],
    [prepend('key', '1'), stored()],
    [get('key'), hit('120')],
  ])

  transcript('repeated often put every byte in its place', [
    [set('key', 'm'), stored()],
    ...Array.from({ length: 12 }, (_, n) => [append('key', `>${n}`), stored()] as const),
    ...Array.from({ length: 12 }, (_, n) => [prepend('key', `${n}<`), stored()] as const),
    [get('key'), hit('11<10<9<8<7<6<5<4<3<2<1<0<m>0>1>2>3>4>5>6>7>8>9>10>11')],
  ])
})
