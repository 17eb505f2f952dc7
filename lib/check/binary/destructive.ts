import { type Check, rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, judged, lacks, stores, wait } from '../run/binary-steps.js'

const row = rowsOf('binary.destructive')
const terms = { isDestructive: true }

export const DESTRUCTIVE: readonly Check[] = [
  row(
    'flush',
    'FLUSH removes every item, and returns neither text nor cas',
    [stores('k', 'v'), exchange(ask('flush'), answer('flush')), lacks('k')],
    terms,
  ),
  row(
    'flush-0',
    'FLUSH with a delay of 0 is one without',
    [stores('k', 'v'), exchange(ask('flush', { extras: { expiry: 0 } }), answer('flush')), lacks('k')],
    terms,
  ),
  row(
    'flushq',
    'FLUSHQ removes every item, and sends no reply',
    [stores('k', 'v'), exchange(ask('flushq')), lacks('k')],
    terms,
  ),
  row(
    'stored-after',
    'An item stored after a FLUSH is found, even in the same second',
    [exchange(ask('flush'), answer('flush')), stores('k', 'v'), holds('k', 'v')],
    terms,
  ),
  row(
    'add-after',
    'ADD stores after a FLUSH',
    [
      stores('k', 'first'),
      exchange(ask('flush'), answer('flush')),
      exchange(
        ask('add', { key: 'k', value: 'second', extras: { expiry: 0 } }),
        answer('add', { cas: 'any' }),
      ),
      holds('k', 'second'),
    ],
    terms,
  ),
  row(
    'flush-later',
    'FLUSH with a delay removes items when the delay has passed, and not before',
    [
      stores('k', 'v'),
      exchange(ask('flush', { extras: { expiry: 2 } }), answer('flush')),
      holds('k', 'v'),
      wait(4),
      lacks('k'),
    ],
    terms,
  ),
  row(
    'stat-reset',
    'STAT reset answers the empty reply alone',
    [exchange(ask('stat', { key: { raw: 'reset' } }), answer('stat'))],
    terms,
  ),
  row(
    'stat-detail',
    'STAT detail on, dump and off answer',
    [
      exchange(ask('stat', { key: { raw: 'detail on' } }), answer('stat')),
      judged(
        ask('stat', { key: { raw: 'detail dump' } }),
        'a reply with the key detailed, and an empty one',
        (replies) =>
          replies.length === 2 && `${replies[0]?.key}` === 'detailed'
            ? undefined
            : 'the replies are different',
      ),
      exchange(ask('stat', { key: { raw: 'detail off' } }), answer('stat')),
    ],
    terms,
  ),
]
