import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, refused, stores } from '../run/binary-steps.js'

const row = rowsOf('binary.delete')

export const DELETE = [
  row('hit', 'DELETE removes the item, and returns neither text nor cas', [
    stores('k', 'v'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    lacks('k'),
  ]),
  row('miss', 'DELETE of a missing key is NOT_FOUND', [
    exchange(ask('delete', { key: 'k' }), refused('delete', 'NOT_FOUND')),
  ]),
  row('twice', 'A second DELETE of a key is NOT_FOUND', [
    stores('k', 'v'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    exchange(ask('delete', { key: 'k' }), refused('delete', 'NOT_FOUND')),
  ]),
  row('quiet-hit', 'DELETEQ removes, and sends no reply', [
    stores('k', 'v'),
    exchange(ask('deleteq', { key: 'k' })),
    lacks('k'),
  ]),
  row('quiet-miss', 'DELETEQ of a missing key sends a reply', [
    exchange(ask('deleteq', { key: 'k' }), refused('deleteq', 'NOT_FOUND')),
  ]),
  row('others-stay', 'DELETE removes only one item', [
    stores('k', '1'),
    stores('kk', '2'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    holds('kk', '2'),
  ]),
  row('flags-do-not-return', 'An item stored after a DELETE has nothing of the old one', [
    stores('k', 'first', { flags: 7 }),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    stores('k', 'second'),
    holds('k', 'second', { flags: 0 }),
  ]),
]
