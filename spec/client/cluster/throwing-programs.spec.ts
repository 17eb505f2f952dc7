import { once } from 'node:events'
import { expect } from 'chai'
import { CircuitBreaker, Client, type ClientOptions } from '../../../lib/client/index.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

const defect = (): never => {
  throw new Error('a defect of the program')
}

/** Of a server whose item is not fresh any more. */
const REPLIES: Readonly<Record<string, string>> = {
  get: 'END\r\n',
  gets: 'VALUE a 0 1 1\r\nx\r\nEND\r\n',
  add: 'STORED\r\n',
  delete: 'DELETED\r\n',
}

class ThrowingBreaker extends CircuitBreaker {
  override onSuccess = defect
  override onFailure = defect
}

/** Where a program may throw while a call fails. */
const PROGRAMS: Readonly<Record<string, ClientOptions['breaker']>> = {
  'a rule of the breaker': { tripWhen: defect },
  'what is a failure': { isFailure: defect },
  'the listener of a breaker': { tripWhen: () => true, onChange: defect },
  'a breaker of its own': () => new ThrowingBreaker(),
}

describe('a call is settled, and the exception is uncaught, when the program throws in', () => {
  let server: ScriptedServer
  let client: Client
  let listeners: NodeJS.UncaughtExceptionListener[]
  let uncaught: Promise<unknown[]>

  beforeEach(() => {
    listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    uncaught = once(process, 'uncaughtException')
  })
  afterEach(async () => {
    for (const listener of listeners) process.on('uncaughtException', listener)
    await client.close()
    await server.stop()
  })

  async function begin(
    onSocket: Parameters<typeof ScriptedServer.start>[0],
    breaker: ClientOptions['breaker'] = {},
  ): Promise<void> {
    server = await ScriptedServer.start(onSocket)
    client = new Client(server.name, { protocol: 'text', timeout: 30_000, breaker: breaker! })
  }

  async function expectDefect(): Promise<void> {
    const [error] = await uncaught
    expect((error as Error).message).equal('a defect of the program')
  }

  for (const [place, breaker] of Object.entries(PROGRAMS))
    it(place, async () => {
      await begin(undefined, breaker)
      const [overdue, code] = [client.get('a', { timeout: 30 }), 'TIMEOUT']
      expect(await codeOf(overdue)).equal(code)
      await expectDefect()
      expect(client.statistics()[server.name]!.errors).deep.equal({ [code]: 1 })
      // What follows the outcome happens as well: the connection is silent.
      expect(client.statistics()[server.name]!.pool.total).equal(0)
    })

  it('a breaker of its own, for a success', async () => {
    await begin(
      replyToLines(() => 'END\r\n'),
      () => new ThrowingBreaker(),
    )
    expect(await client.get('a')).equal(undefined)
    await expectDefect()
  })

  it('what is told of a value that could not be loaded anew', async () => {
    await begin(replyToLines((line) => REPLIES[line.split(' ')[0]!]))
    const fail = () => Promise.reject(new Error('no database'))
    const options = { refreshBefore: '1h', onRefreshError: defect }
    expect(await client.getOrSet('a', '1h', fail, options)).equal('x')
    await expectDefect()
  })

  for (const event of ['connect', 'disconnect', 'breaker'] as const)
    it(`a listener of ${event}`, async () => {
      await begin(
        replyToLines((line, socket) => {
          if (line !== 'get end') return 'END\r\n'
          socket.destroy()
          return undefined
        }),
        { tripWhen: () => true },
      )
      client.events.on(event, defect)
      expect(await client.get('a')).equal(undefined)
      expect(await codeOf(client.get('end'))).equal('CONNECTION')
      await expectDefect()
      expect(await codeOf(client.get('b'))).equal('BREAKER_OPEN')
    })
})
