import { useBehaviour } from '../support/behaviour.js'
import { add, done, get, hit, missing, remove, replace, set, stored } from '../support/operations.js'

describe('Deleting', () => {
  const transcript = useBehaviour(5)

  transcript('deletes an item once', [
    [set('key', 'value'), stored()],
    [remove('key'), done],
    [get('key'), missing],
    [remove('key'), missing],
  ])

  transcript('finds nothing to delete if nothing was stored', [[remove('key'), missing]])

  transcript('deletes only the given key', [
    [set('one', '1'), stored()],
    [set('two', '2'), stored()],
    [remove('one'), done],
    [get('one'), missing],
    [get('two'), hit('2')],
  ])

  transcript('makes room for add, and none for replace', [
    [set('key', 'value', { flags: 1 }), stored('first')],
    [remove('key'), done],
    [replace('key', 'other'), missing],
    [add('key', 'other', { flags: 2 }), stored('second')],
    [get('key'), hit('other', { flags: 2, cas: 'second' })],
  ])

  transcript('deletes an empty value too', [
    [set('key', ''), stored()],
    [remove('key'), done],
    [get('key'), missing],
  ])
})
