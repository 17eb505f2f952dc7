import { useBehaviour } from '../support/behaviour.js'
import { add, done, exists, get, hit, missing, remove, replace, set, stored } from '../support/operations.js'

const THIRTY_DAYS = 60 * 60 * 24 * 30
const IN_AN_HOUR = Math.floor(Date.now() / 1000) + 3600
const AN_HOUR_AGO = IN_AN_HOUR - 7200

describe('An expiry', () => {
  const transcript = useBehaviour({
    binary: 7,
    'binary, quietly': 7,
    text: 3,
    'text, without replies': 3,
    meta: 4,
    'meta, quietly': 4,
  })

  transcript('of up to thirty days counts from now', [
    [set('short', 'v', { expiry: 100 }), stored()],
    [set('long', 'v', { expiry: THIRTY_DAYS }), stored()],
    [get('short'), hit('v')],
    [get('long'), hit('v')],
  ])

  transcript('of more is a Unix time, and a past one hides the item at once', [
    [set('past', 'v', { expiry: THIRTY_DAYS + 1 }), stored()],
    [get('past'), missing],
    [set('hour ago', 'v', { expiry: AN_HOUR_AGO }), stored()],
    [get('hour ago'), missing],
    [set('in an hour', 'v', { expiry: IN_AN_HOUR }), stored()],
    [get('in an hour'), hit('v')],
  ])

  transcript('in the past lets add store, and leaves nothing to replace or delete', [
    [set('key', 'old', { expiry: AN_HOUR_AGO }), stored()],
    [replace('key', 'new'), missing],
    [set('key', 'old', { expiry: AN_HOUR_AGO }), stored()],
    [remove('key'), missing],
    [set('key', 'old', { expiry: AN_HOUR_AGO }), stored()],
    [add('key', 'new'), stored()],
    [get('key'), hit('new')],
    [add('key', 'newer'), exists],
    [remove('key'), done],
  ])

  for (const expiry of [0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff])
    transcript(`of 0x${expiry.toString(16)} keeps the item`, [
      [set('key', 'v', { expiry }), stored()],
      [get('key'), hit('v')],
    ])
})
