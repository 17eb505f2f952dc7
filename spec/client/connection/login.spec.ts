import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { Client, type ClientOptions } from '../../../lib/client/index.js'
import { CertificateFolder } from '../../support/certificates.js'
import { eventually } from '../../support/eventually.js'
import { needs, OPENSSL } from '../../support/peers.js'
import { type ServerProcess, useServer } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

const PATIENT: ClientOptions = { timeout: 30_000 }
const RIGHT = { user: 'ann', password: 'se cret:x' }
const WRONG = { user: 'ann', password: 'wrong' }

const folder = mkdtempSync(join(tmpdir(), 'keepcached-client-'))
const passwords = join(folder, 'passwords')
writeFileSync(join(folder, 'memcached.conf'), 'mech_list: plain cram-md5\n')
writeFileSync(passwords, `${RIGHT.user}:${RIGHT.password}\n`)
after(() => rmSync(folder, { recursive: true }))

async function using<T>(
  server: ServerProcess,
  options: ClientOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, ...options })
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const roundTrip = async (client: Client) => {
  await client.set('a', 'kept')
  return client.get('a')
}

describe('the login of a client by SASL', () => {
  const server = useServer({
    options: ['-S'],
    environment: { MEMCACHED_SASL_PWDB: passwords, SASL_CONF_PATH: folder },
  })

  it('uses binary by itself, and the strongest mechanism', async () => {
    expect(await using(server(), { credentials: RIGHT }, roundTrip)).equal('kept')
  })

  for (const mechanism of ['PLAIN', 'CRAM-MD5'] as const)
    it(`uses ${mechanism} if told so`, async () => {
      expect(await using(server(), { credentials: { ...RIGHT, mechanism } }, roundTrip)).equal('kept')
    })

  it('takes name and password from the address', async () => {
    const { user, password } = RIGHT
    const address = `memcached://${user}:${encodeURIComponent(password)}@127.0.0.1:${server().port}`
    for (const given of [address, [address], { address }, [{ address, weight: 2 }]]) {
      const client = new Client(given, PATIENT)
      expect(await roundTrip(client)).equal('kept')
      await client.close()
    }
  })

  it('names the server that refuses it, also beside others', async () => {
    const name = `127.0.0.1:${server().port}`
    await using(server(), { credentials: WRONG }, async (client) => {
      const errors: Error[] = []
      client.events.on('disconnect', (_, error) => errors.push(error))
      const error = await client.get('a').catch((caught: Error) => caught)
      expect((error as Error).message).match(new RegExp(`^${name}: the server refuses the login: `))
      await eventually(1, async () => errors.length)
      expect(errors[0]).include({ code: 'AUTH' })
    })
    const withoutLogin = (client: Client) => client.get('a').catch((caught: Error) => caught)
    const refusal = await using(server(), { protocol: 'binary' }, withoutLogin)
    expect((refusal as Error).message).match(new RegExp(`^${name}: the server replied: Auth failure`))
  })

  it('fails with AUTH if the password is wrong, and does not try again at once', async () => {
    await using(server(), { credentials: WRONG, breaker: false }, async (client) => {
      const codes = await Promise.all([1, 2, 3].map(() => codeOf(client.get('a'))))
      for (let round = 0; round < 20; round++) codes.push(await codeOf(client.get('a')))
      expect(new Set(codes)).deep.equal(new Set(['AUTH']))
      const [statistics] = Object.values(client.statistics())
      expect(statistics!.pool.created).equal(1)
    })
  })

  it('fails with AUTH without credentials', async () => {
    expect(await using(server(), { protocol: 'binary' }, (client) => codeOf(client.get('a')))).equal('AUTH')
  })
})

describe('the login of a client over text', () => {
  const server = useServer({ options: ['-Y', passwords] })

  for (const protocol of ['meta', 'text'] as const) {
    it(`logs in by name and password over ${protocol}`, async () => {
      expect(await using(server(), { credentials: RIGHT, protocol }, roundTrip)).equal('kept')
    })

    it(`fails with AUTH if the password is wrong over ${protocol}`, async () => {
      const failed = (client: Client) => codeOf(client.get('a'))
      expect(await using(server(), { credentials: WRONG, protocol }, failed)).equal('AUTH')
    })

    it(`names the server that wants a login over ${protocol}`, async () => {
      const failed = (client: Client) => client.get('a').catch((caught: Error) => caught)
      const error = await using(server(), { protocol }, failed)
      expect(error).include({ code: 'AUTH' })
      expect((error as Error).message.split(`127.0.0.1:${server().port}: `)).length(2)
    })
  }
})

describe('a client with credentials', () => {
  const server = useServer()

  for (const protocol of ['meta', 'binary', 'text'] as const)
    it(`needs no login if the server has none, over ${protocol}, and stores no password`, async () => {
      await using(server(), { credentials: RIGHT, protocol }, async (client) => {
        expect(await roundTrip(client)).equal('kept')
        expect(await client.get('login')).equal(undefined)
      })
    })
})

describe('a client over TLS', () => {
  needs(OPENSSL)
  const certificates = new CertificateFolder()
  const certificate = certificates.make('localhost')
  const server = useServer({
    options: ['-Z', '-o', `ssl_chain_cert=${certificate.cert},ssl_key=${certificate.key}`],
  })

  for (const protocol of ['meta', 'binary', 'text'] as const)
    it(`speaks ${protocol}, with long values and many calls`, async () => {
      await using(server(), { protocol, tls: { rejectUnauthorized: false } }, async (client) => {
        const long = Buffer.alloc(700_000, 'x')
        await client.set('long', long)
        const values = await Promise.all(Array.from({ length: 20 }, () => client.get<Buffer>('long')))
        for (const value of values) expect(value?.equals(long)).equal(true)
      })
    })

  it('refuses a server whose certificate nobody vouches for', async () => {
    const refused = (client: Client) => client.get('a').catch((error: Error) => error)
    const error = (await using(server(), { tls: true }, refused)) as Error
    expect(error).include({ code: 'UNREACHABLE' })
    expect(error.message).match(/certificate/)
  })
})

describe('a client of a unix socket', () => {
  const socketPath = join(folder, 'socket')
  useServer({ socketPath })

  it('sends and receives', async () => {
    const client = new Client(socketPath, PATIENT)
    expect(await roundTrip(client)).equal('kept')
    await client.close()
  })
})
