import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, refused, stores } from '../run/binary-steps.js'

const row = rowsOf('binary.delete')

export const DELETE = [
  row('hit', 'DELETE removes the item, and answers neither text nor cas', [
    stores('k', 'v'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    lacks('k'),
  ]),
  row('miss', 'DELETE where nothing is is NOT_FOUND', [
    exchange(ask('delete', { key: 'k' }), refused('delete', 'NOT_FOUND')),
  ]),
  row('twice', 'What was removed cannot be removed again', [
    stores('k', 'v'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    exchange(ask('delete', { key: 'k' }), refused('delete', 'NOT_FOUND')),
  ]),
  row('quiet-hit', 'DELETEQ removes, and says nothing', [
    stores('k', 'v'),
    exchange(ask('deleteq', { key: 'k' })),
    lacks('k'),
  ]),
  row('quiet-miss', 'DELETEQ where nothing is does answer', [
    exchange(ask('deleteq', { key: 'k' }), refused('deleteq', 'NOT_FOUND')),
  ]),
  row('others-stay', 'DELETE removes one item alone', [
    stores('k', '1'),
    stores('kk', '2'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    holds('kk', '2'),
  ]),
  row('flags-do-not-return', 'What is stored behind a DELETE has nothing of what was', [
    stores('k', 'first', { flags: 7 }),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    stores('k', 'second'),
    holds('k', 'second', { flags: 0 }),
  ]),
]
