import { expect } from 'chai'
import { ClientError } from '../../../lib/client/client-error.js'
import { parseServer, parseServers, type ServerGiven } from '../../../lib/client/servers/server-address.js'

interface Row {
  readonly given: ServerGiven
  readonly name: string
  readonly host: string
  readonly port: number
  readonly others?: object
}

const ROWS: readonly Row[] = [
  { given: 'cache.example:22122', name: 'cache.example:22122', host: 'cache.example', port: 22122 },
  { given: 'cache.example', name: 'cache.example:11211', host: 'cache.example', port: 11211 },
  { given: '10.0.0.1', name: '10.0.0.1:11211', host: '10.0.0.1', port: 11211 },
  { given: ':22122', name: '127.0.0.1:22122', host: '127.0.0.1', port: 22122 },
  { given: '[::1]:22122', name: '[::1]:22122', host: '::1', port: 22122 },
  { given: '[::1]', name: '[::1]:11211', host: '::1', port: 11211 },
  { given: '::1', name: '[::1]:11211', host: '::1', port: 11211 },
  { given: 'fe80::1%eth0', name: '[fe80::1%eth0]:11211', host: 'fe80::1%eth0', port: 11211 },
  {
    given: '/run/cache:1.sock',
    name: '/run/cache:1.sock',
    host: '',
    port: 0,
    others: { path: '/run/cache:1.sock' },
  },
  { given: 'memcached://cache:1', name: 'cache:1', host: 'cache', port: 1, others: { tls: false } },
  { given: 'memcacheds://[::1]/', name: '[::1]:11211', host: '::1', port: 11211, others: { tls: true } },
  {
    given: 'memcached://us%40er:pa:ss%2F@cache:1',
    name: 'cache:1',
    host: 'cache',
    port: 1,
    others: { tls: false, username: 'us@er', password: 'pa:ss/' },
  },
  {
    given: { address: 'cache:1', weight: 7 },
    name: 'cache:1',
    host: 'cache',
    port: 1,
    others: { weight: 7 },
  },
  { given: { address: 'cache:1' }, name: 'cache:1', host: 'cache', port: 1 },
]

const PLAIN = {
  path: undefined,
  tls: undefined,
  serverName: undefined,
  username: undefined,
  password: undefined,
  weight: 1,
}

/** With what the error has to name. */
const WRONG: readonly [given: unknown, named: string][] = [
  ['', '""'],
  [':', '":"'],
  ['cache:', '"cache:"'],
  ['cache:0', '"cache:0"'],
  ['cache:65536', '"cache:65536"'],
  ['cache:11211:2', '"cache:11211:2"'],
  ['cache:x', '"cache:x"'],
  ['a b:1', '"a b:1"'],
  ['[cache]:1', '"[cache]:1"'],
  ['[::1', '"[::1"'],
  ['cache/path', '"cache/path"'],
  ['http://cache:1', '"http://cache:1"'],
  ['memcached://', '"memcached://"'],
  ['memcached://cache:1/0', '"memcached://cache:1/0"'],
  ['memcached://user@cache:1', '"memcached://cache:1"'],
  ['memcached://user:%zz@cache:1', '"memcached://cache:1"'],
  [undefined, '"undefined"'],
  [null, '"null"'],
  [11211, '"11211"'],
  [{ host: 'cache' }, 'server.host'],
  [{ address: 'cache:1', wieght: 9 }, 'server.wieght'],
  ['cache,other', "an array: ['cache', 'other']"],
  ['cache:1, other:2', "an array: ['cache:1', 'other:2']"],
  ['memcached://cache,other', '"memcached://cache,other"'],
  [{ address: 'cache:1', weight: 0 }, 'cache:1'],
  [{ address: 'cache:1', weight: 1.5 }, '1.5'],
  [{ address: 'cache:1', weight: '2' }, 'cache:1'],
]

describe('An address of a server', () => {
  for (const { given, name, host, port, others } of ROWS)
    it(`may be ${JSON.stringify(given)}`, () => {
      expect(parseServer(given)).deep.equal({ ...PLAIN, name, host, port, ...others })
    })

  for (const [given, named] of WRONG)
    it(`is not ${JSON.stringify(given)}`, () => {
      expect(() => parseServer(given as ServerGiven))
        .throws(ClientError)
        .satisfies((error: ClientError) => error.code === 'BAD_OPTION' && error.message.includes(named))
    })

  it('keeps passwords out of errors', () => {
    for (const given of [
      'memcached://user:secret@cache:x',
      'memcached://user:secret@',
      'x://a:secret@b@c',
      'a,x://a:secret@b',
    ])
      expect(() => parseServer(given))
        .throws(ClientError)
        .property('message')
        .not.include('secret')
  })

  it('is given once in a list', () => {
    expect(() => parseServers(['cache', 'other', 'cache:11211'])).throws(
      ClientError,
      'cache:11211: given twice',
    )
  })
})
