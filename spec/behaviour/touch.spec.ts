import { useBehaviour } from '../support/behaviour.js'
import {
  done,
  get,
  getAndTouch,
  hit,
  missing,
  remove,
  set,
  stored,
  touch,
  touched,
} from '../support/operations.js'

/** Just above 30 days a number of seconds is a Unix time in 1970. */
const LONG_AGO = 60 * 60 * 24 * 30 + 1

describe('Touching', () => {
  const transcript = useBehaviour({
    binary: 8,
    'binary, quietly': 4,
    text: 7,
    'text, without replies': 7,
    meta: 7,
    'meta, quietly': 7,
  })

  transcript('returns the flags and changes neither value nor cas', [
    [set('key', 'value', { flags: 0x12345678 }), stored('first')],
    [touch('key', 100), touched({ flags: 0x12345678, cas: 'first' })],
    [get('key'), hit('value', { flags: 0x12345678, cas: 'first' })],
  ])

  transcript('while getting returns the item', [
    [set('key', 'value', { flags: 0x12345678 }), stored()],
    [getAndTouch('key', 100), hit('value', { flags: 0x12345678, cas: 'first' })],
    [get('key'), hit('value', { flags: 0x12345678, cas: 'first' })],
  ])

  transcript('creates nothing', [
    [touch('key', 100), missing],
    [get('key'), missing],
  ])

  transcript('while getting creates nothing', [
    [getAndTouch('key', 100), missing],
    [get('key'), missing],
  ])

  transcript('misses what was deleted', [
    [set('key', 'value'), stored()],
    [remove('key'), done],
    [touch('key', 100), missing],
  ])

  transcript('with a past time ends the item', [
    [set('key', 'value'), stored()],
    [touch('key', LONG_AGO), touched()],
    [get('key'), missing],
    [touch('key', 100), missing],
  ])

  transcript('while getting with a past time returns the item a last time', [
    [set('key', 'value'), stored()],
    [getAndTouch('key', LONG_AGO), hit('value')],
    [get('key'), missing],
    [getAndTouch('key', 100), missing],
  ])

  transcript('with 0 or a negative number removes the expiry', [
    [set('key', 'value', { expiry: 100 }), stored()],
    [getAndTouch('key', 0), hit('value')],
    [get('key'), hit('value')],
    [getAndTouch('key', 0xffffffff), hit('value')],
    [get('key'), hit('value')],
  ])
})
