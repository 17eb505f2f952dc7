import { rowsOf } from '../check-row.js'
import { answer, ask, exchange, holds, lacks, refused, stores } from '../run/binary-steps.js'
import { uint64 } from './uint64.js'

const row = rowsOf('binary.cas')
const extras = { clientFlags: 0, expiry: 0 }
const counter = { delta: 1n, initial: 0n, expiry: 0 }

export const CAS = [
  row('set-right', 'SET with the cas of the item stores, and returns a new cas', [
    stores('k', 'first', { cas: 'a' }),
    exchange(ask('set', { key: 'k', value: 'second', extras, cas: 'a' }), answer('set', { cas: 'b' })),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('set-wrong', 'SET with another cas is EXISTS, and changes nothing', [
    stores('k', 'first', { cas: 'a' }),
    stores('k', 'second', { cas: 'b' }),
    exchange(ask('set', { key: 'k', value: 'third', extras, cas: 'a' }), refused('set', 'EXISTS')),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('set-missing', 'SET of a missing key with a cas is NOT_FOUND, and stores nothing', [
    exchange(ask('set', { key: 'k', value: 'v', extras, casNumber: 7n }), refused('set', 'NOT_FOUND')),
    lacks('k'),
  ]),
  row('setq-wrong', 'SETQ with another cas sends a reply', [
    stores('k', 'first', { cas: 'a' }),
    stores('k', 'second', { cas: 'b' }),
    exchange(ask('setq', { key: 'k', value: 'third', extras, cas: 'a' }), refused('setq', 'EXISTS')),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('replace-right', 'REPLACE with the cas of the item stores', [
    stores('k', 'first', { cas: 'a' }),
    exchange(
      ask('replace', { key: 'k', value: 'second', extras, cas: 'a' }),
      answer('replace', { cas: 'b' }),
    ),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('replace-wrong', 'REPLACE with another cas is EXISTS', [
    stores('k', 'first', { cas: 'a' }),
    stores('k', 'second', { cas: 'b' }),
    exchange(ask('replace', { key: 'k', value: 'third', extras, cas: 'a' }), refused('replace', 'EXISTS')),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('replace-missing', 'REPLACE of a missing key with a cas is NOT_FOUND', [
    exchange(
      ask('replace', { key: 'k', value: 'v', extras, casNumber: 7n }),
      refused('replace', 'NOT_FOUND'),
    ),
    lacks('k'),
  ]),
  row('delete-right', 'DELETE with the cas of the item removes it', [
    stores('k', 'v', { cas: 'a' }),
    exchange(ask('delete', { key: 'k', cas: 'a' }), answer('delete')),
    lacks('k'),
  ]),
  row('delete-wrong', 'DELETE with another cas is EXISTS, and removes nothing', [
    stores('k', 'first', { cas: 'a' }),
    stores('k', 'second', { cas: 'b' }),
    exchange(ask('delete', { key: 'k', cas: 'a' }), refused('delete', 'EXISTS')),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('delete-missing', 'DELETE of a missing key with a cas is NOT_FOUND', [
    exchange(ask('delete', { key: 'k', casNumber: 7n }), refused('delete', 'NOT_FOUND')),
  ]),
  row('append-right', 'APPEND with the cas of the item appends', [
    stores('k', 'first', { cas: 'a' }),
    exchange(ask('append', { key: 'k', value: '+', cas: 'a' }), answer('append', { cas: 'b' })),
    holds('k', 'first+', { cas: 'b' }),
  ]),
  row('append-wrong', 'APPEND with another cas is EXISTS', [
    stores('k', 'first', { cas: 'a' }),
    stores('k', 'second', { cas: 'b' }),
    exchange(ask('append', { key: 'k', value: '+', cas: 'a' }), refused('append', 'EXISTS')),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('prepend-wrong', 'PREPEND with another cas is EXISTS', [
    stores('k', 'first', { cas: 'a' }),
    stores('k', 'second', { cas: 'b' }),
    exchange(ask('prepend', { key: 'k', value: '+', cas: 'a' }), refused('prepend', 'EXISTS')),
    holds('k', 'second', { cas: 'b' }),
  ]),
  row('increment-right', 'INCREMENT with the cas of the item counts', [
    stores('k', '5', { cas: 'a' }),
    exchange(
      ask('increment', { key: 'k', extras: counter, cas: 'a' }),
      answer('increment', { value: uint64(6n), cas: 'b' }),
    ),
    holds('k', '6', { cas: 'b' }),
  ]),
  row('increment-wrong', 'INCREMENT with another cas is EXISTS', [
    stores('k', '5', { cas: 'a' }),
    stores('k', '7', { cas: 'b' }),
    exchange(ask('increment', { key: 'k', extras: counter, cas: 'a' }), refused('increment', 'EXISTS')),
    holds('k', '7', { cas: 'b' }),
  ]),
  row('every-change', 'Every change sets a new cas: store, append, prepend, count', [
    stores('k', '1', { cas: 'a' }),
    exchange(ask('append', { key: 'k', value: '0' }), answer('append', { cas: 'b' })),
    exchange(ask('prepend', { key: 'k', value: '3' }), answer('prepend', { cas: 'c' })),
    exchange(
      ask('increment', { key: 'k', extras: counter }),
      answer('increment', { value: uint64(311n), cas: 'd' }),
    ),
    exchange(
      ask('decrement', { key: 'k', extras: counter }),
      answer('decrement', { value: uint64(310n), cas: 'e' }),
    ),
    holds('k', '310', { cas: 'e' }),
  ]),
  row('two-items', 'Two items never have the same cas', [
    stores('k', 'v', { cas: 'a' }),
    stores('l', 'v', { cas: 'b' }),
    holds('k', 'v', { cas: 'a' }),
    holds('l', 'v', { cas: 'b' }),
  ]),
  row('not-again', 'A key that is stored again after a delete has a new cas', [
    stores('k', 'v', { cas: 'a' }),
    exchange(ask('delete', { key: 'k' }), answer('delete')),
    stores('k', 'v', { cas: 'b' }),
  ]),
]
