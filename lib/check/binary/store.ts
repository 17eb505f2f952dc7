import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, inCrumbs, lacks, refused, stores } from '../run/binary-steps.js'
import { tooHighLimit } from '../transcripts.js'

const row = rowsOf('binary.store')
const item = (clientFlags = 0, expiry = 0) => ({ clientFlags, expiry })
const write = (opcode: string, value: string, extras = item()) => ask(opcode, { key: 'k', value, extras })

export const STORE = [
  row('set', 'SET returns only a cas, the same as GET', [
    exchange(write('set', 'v'), answer('set', { cas: 'a' })),
    holds('k', 'v', { cas: 'a' }),
  ]),
  row('set-over', 'SET replaces value, flags and cas', [
    stores('k', 'first', { flags: 1, cas: 'a' }),
    stores('k', 'second one', { flags: 2, cas: 'b' }),
    holds('k', 'second one', { flags: 2, cas: 'b' }),
  ]),
  row('setq', 'SETQ stores, and sends no reply', [
    exchange(write('setq', 'v', item(9))),
    holds('k', 'v', { flags: 9 }),
  ]),
  row('add', 'ADD stores if the key is missing', [
    exchange(write('add', 'v', item(3)), answer('add', { cas: 'a' })),
    holds('k', 'v', { flags: 3, cas: 'a' }),
  ]),
  row('add-existing', 'ADD of an existing key is EXISTS, and changes nothing', [
    stores('k', 'first', { cas: 'a' }),
    exchange(write('add', 'second'), refused('add', 'EXISTS')),
    holds('k', 'first', { cas: 'a' }),
  ]),
  row('addq', 'ADDQ stores if the key is missing, and sends no reply', [
    exchange(write('addq', 'v')),
    holds('k', 'v'),
  ]),
  row('addq-existing', 'ADDQ of an existing key sends a reply', [
    stores('k', 'first'),
    exchange(write('addq', 'second'), refused('addq', 'EXISTS')),
    holds('k', 'first'),
  ]),
  row('add-after-delete', 'ADD stores again after a DELETE', [
    stores('k', 'first'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    exchange(write('add', 'second'), answer('add', { cas: 'any' })),
    holds('k', 'second'),
  ]),
  row('replace', 'REPLACE stores if the key exists', [
    stores('k', 'first', { cas: 'a' }),
    exchange(write('replace', 'second', item(4)), answer('replace', { cas: 'b' })),
    holds('k', 'second', { flags: 4, cas: 'b' }),
  ]),
  row('replace-missing', 'REPLACE of a missing key is NOT_FOUND, and stores nothing', [
    exchange(write('replace', 'v'), refused('replace', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('replaceq', 'REPLACEQ stores, and sends no reply', [
    stores('k', 'first'),
    exchange(write('replaceq', 'second')),
    holds('k', 'second'),
  ]),
  row('replaceq-missing', 'REPLACEQ of a missing key sends a reply', [
    exchange(write('replaceq', 'v'), refused('replaceq', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('flags', 'Flags are 32 bits, stored unchanged', [
    stores('k', 'v', { flags: 0xffffffff }),
    holds('k', 'v', { flags: 0xffffffff }),
    stores('k', 'v', { flags: 0x80000000 }),
    holds('k', 'v', { flags: 0x80000000 }),
  ]),
  row('shorter', 'A shorter value leaves nothing of the longer one', [
    stores('k', 'a long value'),
    stores('k', 'short'),
    holds('k', 'short'),
  ]),
  row('longer', 'A longer value replaces a shorter one', [
    stores('k', 'short'),
    stores('k', 'a longer value than before'),
    holds('k', 'a longer value than before'),
  ]),
  row('quiet-run', 'Quiet stores run in order, before later requests', [
    exchange(
      [
        ask('setq', { key: 'k', value: '1', extras: item() }),
        ask('setq', { key: 'k', value: '2', extras: item() }),
        ask('get', { key: 'k' }),
      ],
      answer('get', { value: '2', extras: { clientFlags: 0 }, cas: 'any', to: 2 }),
    ),
  ]),
  row('in-crumbs', 'A value may arrive byte by byte', [
    inCrumbs(exchange(write('set', 'blue'), answer('set', { cas: 'any' }))),
    holds('k', 'blue'),
  ]),
  row('medium-value', 'A value of 20,000 bytes is returned whole', [
    exchange(ask('set', { key: 'k', valueLength: 20_000, extras: item() }), answer('set', { cas: 'any' })),
    exchange(
      ask('get', { key: 'k' }),
      answer('get', { valueLength: 20_000, extras: { clientFlags: 0 }, cas: 'any' }),
    ),
  ]),
  row('large-value', 'A value of 500,000 bytes is returned whole', [
    exchange(ask('set', { key: 'k', valueLength: 500_000, extras: item() }), answer('set', { cas: 'any' })),
    exchange(
      ask('get', { key: 'k' }),
      answer('get', { valueLength: 500_000, extras: { clientFlags: 0 }, cas: 'any' }),
    ),
  ]),
  row(
    'too-large',
    'A value above the limit is TOO_LARGE, removes the old value, and the connection stays open',
    [
      stores('k', 'old'),
      exchange(
        ask('set', { key: 'k', valueLength: 'too long', extras: item() }),
        refused('set', 'TOO_LARGE'),
      ),
      lacks('k'),
    ],
    { skipReason: tooHighLimit },
  ),
]
