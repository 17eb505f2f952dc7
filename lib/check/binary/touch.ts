import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, refused, stores, wait } from '../run/binary-steps.js'

const row = rowsOf('binary.touch')
const flags = (clientFlags: number) => ({ clientFlags })
const touched = (clientFlags: number, cas = 'any') => answer('touch', { extras: flags(clientFlags), cas })
const hour = { expiry: 3600 }

export const TOUCH = [
  row('touch', 'TOUCH returns the flags, and keeps value and cas', [
    stores('k', 'v', { flags: 3, cas: 'a' }),
    exchange(ask('touch', { key: 'k', extras: hour }), touched(3, 'a')),
    holds('k', 'v', { flags: 3, cas: 'a' }),
  ]),
  row('touch-miss', 'TOUCH of a missing key is NOT_FOUND', [
    exchange(ask('touch', { key: 'k', extras: hour }), refused('touch', 'NOT_FOUND')),
  ]),
  row('gat', 'GAT returns a hit as GET does', [
    stores('k', 'v', { flags: 3, cas: 'a' }),
    exchange(
      ask('gat', { key: 'k', extras: hour }),
      answer('gat', { value: 'v', extras: flags(3), cas: 'a' }),
    ),
  ]),
  row('gat-miss', 'A miss of GAT is NOT_FOUND', [
    exchange(ask('gat', { key: 'k', extras: hour }), refused('gat', 'NOT_FOUND')),
  ]),
  row('gatq-hit', 'GATQ returns a hit', [
    stores('k', 'v'),
    exchange(
      ask('gatq', { key: 'k', extras: hour }),
      answer('gatq', { value: 'v', extras: flags(0), cas: 'any' }),
    ),
  ]),
  row('gatq-miss', 'GATQ sends no reply on a miss', [exchange(ask('gatq', { key: 'k', extras: hour }))]),
  row('gatk-hit', 'GATK returns the key too', [
    stores('k', 'v'),
    exchange(
      ask('gatk', { key: 'k', extras: hour }),
      answer('gatk', { key: 'k', value: 'v', extras: flags(0), cas: 'any' }),
    ),
  ]),
  row('gatk-miss', 'A miss of GATK is NOT_FOUND with the key and no text', [
    exchange(ask('gatk', { key: 'k', extras: hour }), answer('gatk', { status: 'NOT_FOUND', key: 'k' })),
  ]),
  row('gatkq-hit', 'GATKQ returns a hit with the key', [
    stores('k', 'v'),
    exchange(
      ask('gatkq', { key: 'k', extras: hour }),
      answer('gatkq', { key: 'k', value: 'v', extras: flags(0), cas: 'any' }),
    ),
  ]),
  row('gatkq-miss', 'GATKQ sends no reply on a miss', [exchange(ask('gatkq', { key: 'k', extras: hour }))]),
  row('touch-lengthens', 'TOUCH extends the life of an item', [
    stores('k', 'v', { expiry: 2 }),
    exchange(ask('touch', { key: 'k', extras: hour }), touched(0)),
    wait(4),
    holds('k', 'v'),
  ]),
  row('touch-shortens', 'TOUCH shortens the life of an item', [
    stores('k', 'v', { expiry: 3600 }),
    exchange(ask('touch', { key: 'k', extras: { expiry: 1 } }), touched(0)),
    wait(3),
    lacks('k'),
  ]),
  row('touch-for-ever', 'TOUCH with 0 removes the expiry', [
    stores('k', 'v', { expiry: 2 }),
    exchange(ask('touch', { key: 'k', extras: { expiry: 0 } }), touched(0)),
    wait(4),
    holds('k', 'v'),
  ]),
  row('gat-lengthens', 'GAT extends the life of an item', [
    stores('k', 'v', { expiry: 2 }),
    exchange(
      ask('gat', { key: 'k', extras: hour }),
      answer('gat', { value: 'v', extras: flags(0), cas: 'any' }),
    ),
    wait(4),
    holds('k', 'v'),
  ]),
  row('gat-shortens', 'GAT shortens the life of an item', [
    stores('k', 'v'),
    exchange(
      ask('gat', { key: 'k', extras: { expiry: 1 } }),
      answer('gat', { value: 'v', extras: flags(0), cas: 'any' }),
    ),
    wait(3),
    lacks('k'),
  ]),
]
