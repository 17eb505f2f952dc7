import { expect } from 'chai'
import { Client, ClientError, type ClientOptions } from '../../lib/client/index.js'

/** What a program in JavaScript may give, and the name of the option that is wrong. */
const WRONG: readonly (readonly [given: unknown, name: string])[] = [
  [null, 'options'],
  [5, 'options'],
  [[], 'options'],
  [{ pool: [] }, 'pool'],
  [{ timeOut: 5 }, 'timeOut'],
  [{ timeout: '1000' }, 'timeout'],
  [{ timeout: 0 }, 'timeout'],
  [{ timeout: Number.NaN }, 'timeout'],
  [{ timeout: 1e10 }, 'timeout'],
  [{ protocol: 'http' }, 'protocol'],
  [{ failover: 'nxt' }, 'failover'],
  [{ distribution: 'random' }, 'distribution'],
  [{ credentials: 'user' }, 'credentials'],
  [{ credentials: {} }, 'credentials.user'],
  [{ credentials: { user: 'a' } }, 'credentials.password'],
  [{ credentials: { user: 'a', password: 5 } }, 'credentials.password'],
  [{ credentials: { username: 'a', password: 'b' } }, 'credentials.username'],
  [{ credentials: { user: 'a', password: 'b', mechanism: 'NTLM' } }, 'credentials.mechanism'],
  [{ tls: 'yes' }, 'tls'],
  [{ tls: null }, 'tls'],
  [{ tls: { minVersion: 'TLSv9' } }, 'tls'],
  [{ tls: { cert: 'garbage', key: 'garbage' } }, 'tls'],
  [{ breaker: 5 }, 'breaker'],
  [{ breaker: true }, 'breaker'],
  [{ breaker: { openMS: 3 } }, 'breaker.openMS'],
  [{ breaker: { trials: 0 } }, 'breaker.trials'],
  [{ breaker: { tripWhen: 5 } }, 'breaker.tripWhen'],
  [{ breaker: { onChange: 'log' } }, 'breaker.onChange'],
  [{ discovery: 60_000 }, 'discovery'],
  [{ discovery: { refreshMS: 4 } }, 'discovery.refreshMS'],
  [{ discovery: { refreshMs: -1 } }, 'discovery.refreshMs'],
  [{ discovery: { refreshMs: '60000' } }, 'discovery.refreshMs'],
  [{ discovery: { loadTimeoutMs: 0 } }, 'discovery.loadTimeoutMs'],
  [{ discovery: { resolver: 'system' } }, 'discovery.resolver'],
  [{ discovery: { resolver: { resolve4: 'a' } } }, 'discovery.resolver.resolve4'],
  [{ discovery: { tls: true } }, 'discovery.tls'],
  [{ pool: 5 }, 'pool'],
  [{ pool: { maximum: 5 } }, 'pool.maximum'],
  [{ pool: { toString: 5 } }, 'pool.toString'],
  [{ pool: { max: 0 } }, 'pool.max'],
  [{ compression: { minLenght: 3 } }, 'compression.minLenght'],
  [{ compression: 'zlib' }, 'compression'],
  [{ flags: 'memcache' }, 'flags'],
  [{ flags: null }, 'flags'],
  [{ prefix: 5 }, 'prefix'],
  [{ longKeys: 'cut' }, 'longKeys'],
]

describe('an unknown or wrong option of a client', () => {
  for (const [given, name] of WRONG)
    it(`is an error with its name: ${JSON.stringify(given)}`, () => {
      // A list that arrives later, so that nothing of a server is made before.
      expect(() => new Client(() => new Promise(() => {}), given as ClientOptions))
        .throws(ClientError, new RegExp(`^${name.replaceAll('.', '\\.')}: `))
        .property('code', 'BAD_OPTION')
    })

  it('is not one that is right', async () => {
    const options: ClientOptions = {
      timeout: 0.5,
      failover: 'next',
      credentials: { user: 'a', password: '', mechanism: 'PLAIN' },
      tls: { servername: 'cache.example' },
      breaker: { tripWhen: () => false, trials: 2 },
      discovery: { refreshMs: 5, tls: undefined },
      compression: {},
    }
    await new Client('127.0.0.1:1', options).close()
  })
})
