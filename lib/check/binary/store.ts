import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, inCrumbs, lacks, refused, stores } from '../run/binary-steps.js'
import { tooHighLimit } from '../transcripts.js'

const row = rowsOf('binary.store')
const item = (clientFlags = 0, expiry = 0) => ({ clientFlags, expiry })
const write = (opcode: string, value: string, extras = item()) => ask(opcode, { key: 'k', value, extras })

export const STORE = [
  row('set', 'SET answers nothing but a cas, which GET tells as well', [
    exchange(write('set', 'v'), answer('set', { cas: 'a' })),
    holds('k', 'v', { cas: 'a' }),
  ]),
  row('set-over', 'SET replaces value, flags and cas', [
    stores('k', 'first', { flags: 1, cas: 'a' }),
    stores('k', 'second one', { flags: 2, cas: 'b' }),
    holds('k', 'second one', { flags: 2, cas: 'b' }),
  ]),
  row('setq', 'SETQ stores, and says nothing', [
    exchange(write('setq', 'v', item(9))),
    holds('k', 'v', { flags: 9 }),
  ]),
  row('add', 'ADD stores where nothing is', [
    exchange(write('add', 'v', item(3)), answer('add', { cas: 'a' })),
    holds('k', 'v', { flags: 3, cas: 'a' }),
  ]),
  row('add-existing', 'ADD of what is there is EXISTS, and changes nothing', [
    stores('k', 'first', { cas: 'a' }),
    exchange(write('add', 'second'), refused('add', 'EXISTS')),
    holds('k', 'first', { cas: 'a' }),
  ]),
  row('addq', 'ADDQ stores where nothing is, and says nothing', [
    exchange(write('addq', 'v')),
    holds('k', 'v'),
  ]),
  row('addq-existing', 'ADDQ of what is there does answer', [
    stores('k', 'first'),
    exchange(write('addq', 'second'), refused('addq', 'EXISTS')),
    holds('k', 'first'),
  ]),
  row('add-after-delete', 'ADD stores again behind a DELETE', [
    stores('k', 'first'),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    exchange(write('add', 'second'), answer('add', { cas: 'any' })),
    holds('k', 'second'),
  ]),
  row('replace', 'REPLACE stores where something is', [
    stores('k', 'first', { cas: 'a' }),
    exchange(write('replace', 'second', item(4)), answer('replace', { cas: 'b' })),
    holds('k', 'second', { flags: 4, cas: 'b' }),
  ]),
  row('replace-missing', 'REPLACE where nothing is is NOT_FOUND, and stores nothing', [
    exchange(write('replace', 'v'), refused('replace', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('replaceq', 'REPLACEQ stores, and says nothing', [
    stores('k', 'first'),
    exchange(write('replaceq', 'second')),
    holds('k', 'second'),
  ]),
  row('replaceq-missing', 'REPLACEQ where nothing is does answer', [
    exchange(write('replaceq', 'v'), refused('replaceq', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('flags', 'Flags are 32 bits, kept as they are', [
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
  row('longer', 'A longer value takes the place of a shorter one', [
    stores('k', 'short'),
    stores('k', 'a longer value than before'),
    holds('k', 'a longer value than before'),
  ]),
  row('quiet-run', 'Quiet stores are done in their order, before what follows them', [
    exchange(
      [
        ask('setq', { key: 'k', value: '1', extras: item() }),
        ask('setq', { key: 'k', value: '2', extras: item() }),
        ask('get', { key: 'k' }),
      ],
      answer('get', { value: '2', extras: { clientFlags: 0 }, cas: 'any', to: 2 }),
    ),
  ]),
  row('in-crumbs', 'A value may come byte by byte', [
    inCrumbs(exchange(write('set', 'blue'), answer('set', { cas: 'any' }))),
    holds('k', 'blue'),
  ]),
  row('medium-value', 'A value of 20,000 bytes comes back whole', [
    exchange(ask('set', { key: 'k', valueLength: 20_000, extras: item() }), answer('set', { cas: 'any' })),
    exchange(
      ask('get', { key: 'k' }),
      answer('get', { valueLength: 20_000, extras: { clientFlags: 0 }, cas: 'any' }),
    ),
  ]),
  row('large-value', 'A value of 500,000 bytes comes back whole', [
    exchange(ask('set', { key: 'k', valueLength: 500_000, extras: item() }), answer('set', { cas: 'any' })),
    exchange(
      ask('get', { key: 'k' }),
      answer('get', { valueLength: 500_000, extras: { clientFlags: 0 }, cas: 'any' }),
    ),
  ]),
  row(
    'too-large',
    'A value beyond the limit is TOO_LARGE, the connection goes on, and the old value is gone',
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
