import { tracingChannel } from 'node:diagnostics_channel'
import { expect } from 'chai'
import { Client, type CommandTrace } from '../../../lib/client/index.js'
import { freePort, useServer } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'

const channel = tracingChannel<unknown, CommandTrace>('keepcached:command')

describe('the traces of commands', () => {
  const server = useServer()
  let client: Client
  let begun: CommandTrace[] = []
  let ended: CommandTrace[] = []
  let failed: CommandTrace[] = []
  const subscribers = {
    start: (trace: CommandTrace) => void begun.push({ ...trace }),
    end: () => {},
    asyncStart: () => {},
    asyncEnd: (trace: CommandTrace) => void ended.push(trace),
    error: (trace: CommandTrace) => void failed.push(trace),
  }
  const place = () => ({ 'server.address': '127.0.0.1', 'server.port': server().port })

  before(() => {
    client = new Client(`127.0.0.1:${server().port}`, { timeout: 30_000 })
    channel.subscribe(subscribers)
  })
  beforeEach(() => {
    begun = []
    ended = []
    failed = []
  })
  after(() => {
    channel.unsubscribe(subscribers)
    return client.close()
  })

  it('have the names of OpenTelemetry, and the result', async () => {
    await client.set('sky', 'blue')
    await client.get('sky')
    const common = { 'db.system.name': 'memcached', ...place(), keys: ['sky'] }
    expect(begun).deep.equal([
      { ...common, 'db.operation.name': 'set' },
      { ...common, 'db.operation.name': 'get' },
    ])
    expect(ended.map(({ result }) => result)).deep.equal([true, 'blue'])
    expect(failed).deep.equal([])
  })

  it('are one for each batch of each server', async () => {
    await client.getMany(['sky', 'sea'])
    expect(ended).deep.include.members([
      {
        'db.system.name': 'memcached',
        'db.operation.name': 'BATCH get',
        'db.operation.batch.size': 2,
        ...place(),
        keys: ['sky', 'sea'],
        result: undefined,
      },
    ])
    expect(ended.length).equal(1)
    await client.getMany(Array.from({ length: 501 }, (_, index) => `key-${index}`))
    expect(ended.map((trace) => trace['db.operation.batch.size'])).deep.equal([2, 500, 1])
  })

  it('are one for each server of a command to all', async () => {
    await client.version()
    await client.stats()
    await client.noop()
    await client.flush()
    expect(ended.map((trace) => [trace['db.operation.name'], trace['server.port'], trace.keys])).deep.equal(
      ['version', 'stats', 'noop', 'flush'].map((name) => [name, server().port, []]),
    )
  })

  it('have the error and its code, and do not change what the caller gets', async () => {
    const port = await freePort()
    const alone = new Client(`127.0.0.1:${port}`)
    try {
      const caught: unknown = await alone.get('sky').catch((error: unknown) => error)
      expect(failed.map(({ error }) => error)).deep.equal([caught])
      expect(failed[0]).include({ 'error.type': 'UNREACHABLE', 'server.port': port })
      expect(await codeOf(alone.version())).equal('UNREACHABLE')
      expect(failed.length).equal(2)
    } finally {
      await alone.close()
    }
  })
})
