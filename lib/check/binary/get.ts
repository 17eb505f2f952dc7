import { rowsOf } from '../check-row.js'
import { answer, ask, END, exchange, holds, inCrumbs, lacks, refused, stores } from '../run/binary-steps.js'

const row = rowsOf('binary.get')
const flags = (clientFlags: number) => ({ clientFlags })

export const GET = [
  row('hit', 'GET returns flags of 4 bytes, the value and the cas, but no key', [
    stores('k', 'blue', { flags: 0xdeadbeef, cas: 'a' }),
    exchange(ask('get', { key: 'k' }), answer('get', { value: 'blue', extras: flags(0xdeadbeef), cas: 'a' })),
  ]),
  row('miss', 'A miss of GET is NOT_FOUND with a text, without extras and cas', [lacks('k')]),
  row('getk-hit', 'GETK returns the key too', [
    stores('k', 'blue', { flags: 7 }),
    exchange(
      ask('getk', { key: 'k' }),
      answer('getk', { key: 'k', value: 'blue', extras: flags(7), cas: 'any' }),
    ),
  ]),
  row('getk-miss', 'A miss of GETK is NOT_FOUND with the key and no text', [
    exchange(ask('getk', { key: 'k' }), answer('getk', { status: 'NOT_FOUND', key: 'k' })),
  ]),
  row('getq-hit', 'GETQ returns a hit as GET does, with its own opcode', [
    stores('k', 'blue', { flags: 7 }),
    exchange(ask('getq', { key: 'k' }), answer('getq', { value: 'blue', extras: flags(7), cas: 'any' })),
  ]),
  row('getq-miss', 'GETQ sends no reply on a miss', [exchange(ask('getq', { key: 'k' }))]),
  row('getkq-hit', 'GETKQ returns a hit as GETK does', [
    stores('k', 'blue', { flags: 7 }),
    exchange(
      ask('getkq', { key: 'k' }),
      answer('getkq', { key: 'k', value: 'blue', extras: flags(7), cas: 'any' }),
    ),
  ]),
  row('getkq-miss', 'GETKQ sends no reply on a miss', [exchange(ask('getkq', { key: 'k' }))]),
  row('multi-get', 'A series of GETKQ returns only the hits, in the order of the requests', [
    stores('a', '1'),
    stores('c', '3'),
    exchange(
      [ask('getkq', { key: 'a' }), ask('getkq', { key: 'b' }), ask('getkq', { key: 'c' })],
      answer('getkq', { key: 'a', value: '1', extras: flags(0), cas: 'any', to: 0 }),
      answer('getkq', { key: 'c', value: '3', extras: flags(0), cas: 'any', to: 2 }),
    ),
  ]),
  row('same-key-twice', 'A key that is requested twice is returned twice', [
    stores('k', 'v'),
    exchange(
      [ask('get', { key: 'k' }), ask('get', { key: 'k' })],
      answer('get', { value: 'v', extras: flags(0), cas: 'a', to: 0 }),
      answer('get', { value: 'v', extras: flags(0), cas: 'a', to: 1 }),
    ),
  ]),
  row('empty-value', 'A value may be empty: then the body has only the flags', [
    stores('k', '', { flags: 1 }),
    holds('k', '', { flags: 1 }),
  ]),
  row('any-bytes', 'A value may hold any byte, including line ends and zeros', [
    stores('k', '\r\n\0\x80\x81\xff END\r\n'),
    holds('k', '\r\n\0\x80\x81\xff END\r\n'),
  ]),
  row('cas-is-kept', 'The cas of an item stays until the item changes', [
    stores('k', 'v', { cas: 'a' }),
    holds('k', 'v', { cas: 'a' }),
    holds('k', 'v', { cas: 'a' }),
  ]),
  row('key-with-any-bytes', 'A key may hold any byte, including spaces and line ends', [
    stores('\0 \r\n\xff', 'odd'),
    holds('\0 \r\n\xff', 'odd'),
  ]),
  row('longest-key', 'A key may have 250 bytes', [
    stores({ name: 'long', length: 250 }, 'v'),
    holds({ name: 'long', length: 250 }, 'v'),
  ]),
  row('too-long-key', 'A key of 251 bytes is INVALID_ARGUMENTS, and the connection is closed', [
    exchange(ask('get', { key: { name: 'long', length: 251 } }), refused('get', 'INVALID_ARGUMENTS'), END),
  ]),
  row('keys-differ-in-case', 'Keys that differ in case are different keys', [
    stores('key', '1'),
    lacks('KEY'),
    holds('key', '1'),
  ]),
  row('prefix-is-no-match', 'A prefix of a key does not find the key', [
    stores('key', '1'),
    lacks('ke'),
    lacks('key1'),
  ]),
  row('in-crumbs', 'A request may arrive byte by byte', [
    stores('k', 'blue'),
    inCrumbs(
      exchange(ask('get', { key: 'k' }), answer('get', { value: 'blue', extras: flags(0), cas: 'any' })),
    ),
  ]),
  row('cas-is-ignored', 'The cas of a GET is ignored', [
    stores('k', 'v', { cas: 'a' }),
    exchange(
      ask('get', { key: 'k', casNumber: 12345n }),
      answer('get', { value: 'v', extras: flags(0), cas: 'a' }),
    ),
  ]),
]
