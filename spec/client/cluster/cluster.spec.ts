import { expect } from 'chai'
import {
  type CallOptions,
  Client,
  type ClientError,
  type ClientOptions,
  PartialError,
  type ServerSource,
} from '../../../lib/client/index.js'
import { eventually } from '../../support/eventually.js'
import { type ServerProcess, startServer } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'
import { ScriptedServer } from '../support/scripted-server.js'

const PATIENT: ClientOptions = { timeout: 30_000 }
/** The servers' threads are no matter of the client. */
const ONE_THREAD = { options: ['-t', '1'] }
const KEYS = Array.from({ length: 60 }, (_, index) => `key-${index}`)

describe('a client of several servers', () => {
  const servers: ServerProcess[] = []
  let client: Client
  const nameOf = ({ port }: ServerProcess) => `127.0.0.1:${port}`
  const names = () => servers.map(nameOf)

  beforeEach(async () => {
    servers.push(...(await Promise.all(Array.from({ length: 3 }, () => startServer(ONE_THREAD)))))
  })
  afterEach(async () => {
    await client.close()
    await Promise.all(servers.splice(0).map((server) => server.stop()))
  })

  it('spreads keys over all of them, and asks each only for its own', async () => {
    client = new Client(names(), PATIENT)
    await client.setMany(KEYS.map((key) => [key, key] as const))
    expect((await client.getMany(KEYS)).size).equal(KEYS.length)
    const counts = [...(await client.stats()).values()].map((statistics) =>
      Number(statistics.get('curr_items')),
    )
    expect(counts.reduce((sum, count) => sum + count)).equal(KEYS.length)
    expect(Math.min(...counts)).above(0)
    const hits = [...(await client.stats()).values()].map((statistics) =>
      Number(statistics.get('get_misses')),
    )
    expect(hits).deep.equal([0, 0, 0])
  })

  it('keeps serving the keys of the others when one dies, and its own when it is back', async () => {
    client = new Client(names(), { ...PATIENT, breaker: { openMs: 20, openGrowth: 1 } })
    await client.setMany(KEYS.map((key) => [key, key] as const))
    const [dead] = servers
    await dead!.stop()
    const error = await client.getMany(KEYS).catch((caught: PartialError) => caught)
    expect(error).instanceOf(PartialError)
    const { failed, found } = error as PartialError
    expect(failed.size + found.size).equal(KEYS.length)
    expect(failed.size).within(1, KEYS.length - 1)
    for (const key of found.keys()) expect(await client.get(key)).equal(key)
    servers[0] = await startServer({ ...ONE_THREAD, port: dead!.port })
    const [lost] = failed.keys()
    await eventually('back', () =>
      client.get(lost!).then(
        () => 'back',
        (caught: ClientError) => caught.code,
      ),
    )
  })

  it('returns what the others have said when one is dead, and names it', async () => {
    client = new Client(names(), { ...PATIENT, breaker: false })
    await client.setMany(KEYS.map((key) => [key, key] as const))
    const [dead, ...others] = names()
    await servers[0]!.stop()
    const calls = [client.stats(), client.version(), client.noop(), client.flush(), client.flushPrefix('key')]
    for (const call of calls) {
      const error = (await call.catch((caught: PartialError) => caught)) as PartialError
      expect(error).instanceOf(PartialError).property('code', 'PARTIAL')
      expect(error.message).contain(`1 of 3 servers failed: ${dead}: `)
      expect([...error.failed.keys()]).deep.equal([dead])
      expect(error.failed.get(dead!)).include({ code: 'UNREACHABLE' })
      expect([...error.found.keys()]).have.members(others)
    }
    const { found } = (await client.version().catch((caught: PartialError) => caught)) as PartialError
    for (const name of others) expect(found.get(name)).match(/^1\.6\./)
  })

  it('fails fast while the breaker is open, and says so', async () => {
    client = new Client(names(), PATIENT)
    const changes: string[] = []
    client.events.on('breaker', (server, { from, to }) => changes.push(`${server} ${from} ${to}`))
    const [dead] = servers
    await dead!.stop()
    const codes = new Set<string>()
    const refusals: ClientError[] = []
    for (let round = 0; round < 10 && !codes.has('BREAKER_OPEN'); round++) {
      for (const key of KEYS)
        await client.get(key).catch((error: ClientError) => {
          codes.add(error.code)
          if (error.code === 'BREAKER_OPEN') refusals.push(error)
        })
    }
    expect([...codes]).include('BREAKER_OPEN')
    const [refusal] = refusals
    expect(refusal!.message).match(
      new RegExp(`^${nameOf(dead!)}: the breaker is open after: .*connect [^()]*$`),
    )
    expect(refusal!.cause).include({ code: 'UNREACHABLE' })
    expect(changes[0]).equal(`${nameOf(dead!)} closed open`)
    expect(client.statistics()[nameOf(dead!)]!.breaker!.state).equal('open')
    expect(client.statistics()[nameOf(servers[1]!)]!.breaker!.state).equal('closed')
  })

  it('goes to the next server while one is dead, if the program wants that', async () => {
    client = new Client(names(), { ...PATIENT, failover: 'next', breaker: { openMs: 60_000 } })
    await servers[0]!.stop()
    await eventually('all', async () => {
      const stored = await client.setMany(KEYS.map((key) => [key, key] as const)).then(
        () => 'all',
        () => 'some',
      )
      return stored
    })
    expect((await client.getMany(KEYS)).size).equal(KEYS.length)
  })

  it('names each server and why if none can be reached', async () => {
    client = new Client(names(), { ...PATIENT, breaker: false })
    const all = names()
    await Promise.all(servers.map((server) => server.stop()))
    const error = await client.version().catch((caught: Error) => caught)
    for (const name of all) expect((error as Error).message).contain(name)
    expect(error).include({ code: 'UNREACHABLE' })
    for (const call of BATCHES) {
      const failure = (await call(client).catch((caught: PartialError) => caught)) as PartialError
      expect(failure).instanceOf(PartialError).property('code', 'UNREACHABLE')
      for (const name of all) expect(failure.message.split(`${name}: connect`).length, name).equal(2)
      expect(failure.failed.size).equal(KEYS.length)
    }
  })

  it('says why if all keys of a batch failed for one reason', async () => {
    client = new Client(names(), PATIENT)
    for (const call of BATCHES) {
      const error = (await call(client, { signal: AbortSignal.abort() }).catch(
        (caught: Error) => caught,
      )) as Error
      expect(error).include({ code: 'ABORTED', message: 'the call was aborted' })
    }
    await client.close()
    for (const call of BATCHES) expect(await codeOf(call(client))).equal('CLOSED')
    expect(await codeOf(client.version())).equal('CLOSED')
  })
})

describe('a client whose list of servers changes, or is missing,', () => {
  let client: Client
  afterEach(() => client.close())

  it('follows a list that changes: calls under way end where they began', async () => {
    let change: (given: readonly string[]) => void = () => undefined
    const [first, second] = [await ScriptedServer.start(), await ScriptedServer.start()]
    const source = changingSource((set) => {
      change = set
    })
    client = new Client(source, { ...PATIENT, protocol: 'text' })
    const early = client.get('early')
    change([first.name])
    await first.untilLines(1)
    change([second.name])
    const late = client.get('late')
    await second.untilLines(1)
    first.sockets[0]!.write('VALUE early 0 5\r\nfirst\r\nEND\r\n')
    second.sockets[0]!.write('VALUE late 0 6\r\nsecond\r\nEND\r\n')
    expect(await Promise.all([early, late])).deep.equal(['first', 'second'])
    await eventually(true, async () => first.sockets[0]!.destroyed)
    expect(first.received).equal('get early\r\n')
    await Promise.all([first.stop(), second.stop()])
  })

  it('fails calls that wait for the first list when that cannot be had', async () => {
    client = new Client(() => Promise.reject(new Error('no such table')), PATIENT)
    const error = await client.get('a').catch((caught: Error) => caught)
    expect((error as Error).message).contain('no such table')
    expect(await codeOf(client.getMany(['a']))).equal((error as ClientError).code)
  })

  it('fails them in a later turn, so that a loop of attempts leaves the others their time', async () => {
    client = new Client(() => Promise.reject(new Error('no such table')), PATIENT)
    await client.get('a').catch(() => undefined)
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
    }, 20)
    for (let attempts = 0; !isOver && attempts < 1_000_000; attempts++)
      await client.get('a').catch(() => undefined)
    clearTimeout(timer)
    expect(isOver).equal(true)
  })
})

const BATCHES: readonly ((client: Client, options?: CallOptions) => Promise<unknown>)[] = [
  (client, options) => client.getMany(KEYS, options),
  (client, options) => client.deleteMany(KEYS, options),
  (client, options) =>
    client.setMany(
      KEYS.map((key) => [key, key] as const),
      options,
    ),
]

/** A list of servers that the spec changes. */
function changingSource(give: (change: (names: readonly string[]) => void) => void): ServerSource {
  return {
    subscribe(onChange) {
      give((names) =>
        onChange(
          names.map((name) => {
            const [host, port] = name.split(':')
            return {
              name,
              host: host!,
              port: Number(port),
              path: undefined,
              weight: 1,
              tls: undefined,
              serverName: undefined,
              username: undefined,
              password: undefined,
            }
          }),
        ),
      )
    },
    close() {},
  }
}
