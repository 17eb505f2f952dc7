import { expect } from 'chai'
import { Client, type ClientOptions, PartialError, type ServerSource } from '../../../lib/client/index.js'
import { eventually } from '../../support/eventually.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

const TIMEOUT_MS = 1000
/** Less than two deadlines after each other. */
const LATEST_MS = TIMEOUT_MS * 1.75

describe('one deadline covers', () => {
  let server: ScriptedServer
  let client: Client
  let timers: NodeJS.Timeout[]
  beforeEach(() => {
    timers = []
  })
  afterEach(async () => {
    for (const timer of timers) clearTimeout(timer)
    await client.close()
    await server.stop()
  })

  const later = (ms: number, action: () => void) => timers.push(setTimeout(action, ms))

  /** The call fails by its deadline. A timer tells the latest moment: on a busy machine it is as late as the client's own. */
  async function expectInTime(call: () => Promise<unknown>, earliestMs = 0): Promise<void> {
    let isLate = false
    later(LATEST_MS, () => {
      isLate = true
    })
    const startMs = performance.now()
    expect(await codeOf(call())).to.match(/^(TIMEOUT|PARTIAL)$/)
    expect(performance.now() - startMs).least(earliestMs)
    expect(isLate).equal(false)
  }

  function begin(servers: string | ServerSource | (() => Promise<string[]>), options?: ClientOptions): void {
    client = new Client(servers, { protocol: 'text', timeout: TIMEOUT_MS, breaker: false, ...options })
  }

  for (const [name, run] of [
    ['the list of servers and a get', () => client.get('a')],
    ['the list of servers and a getMany', () => client.getMany(['a'])],
    ['the list of servers and a command for all of them', () => client.version()],
  ] as const)
    it(name, async () => {
      server = await ScriptedServer.start()
      begin(() => new Promise((resolve) => later(TIMEOUT_MS * 0.9, () => resolve([server.name]))))
      await expectInTime(run, TIMEOUT_MS * 0.9)
    })

  for (const [name, run] of [
    ['a getMany', () => client.getMany(['a', 'b'])],
    ['a setMany', () => client.setMany({ a: 1, b: 2 })],
    ['a deleteMany', () => client.deleteMany(['a', 'b'])],
  ] as const)
    it(`the list of servers, without which ${name} names all its keys`, async () => {
      server = await ScriptedServer.start()
      begin(() => new Promise(() => {}), { timeout: 50 })
      const error = (await (run() as Promise<unknown>).catch((caught: unknown) => caught)) as PartialError
      expect(error).instanceof(PartialError).include({ code: 'TIMEOUT' })
      expect([...error.failed.keys()]).deep.equal(['a', 'b'])
    })

  it('both rounds of a getMany', async () => {
    server = await ScriptedServer.start(
      replyToLines((line, socket) => {
        if (line === 'get a b') later(TIMEOUT_MS * 0.9, () => socket.write('VALUE a 0 0\r\n\r\nEND\r\n'))
        return undefined
      }),
    )
    begin(server.name)
    await expectInTime(() => client.getMany(['a', 'b']), TIMEOUT_MS * 0.9)
    expect(server.received).equal('get a b\r\nget a\r\n')
  })

  it('all parts of a setMany and of a deleteMany; what cannot be sent in time is not sent', async () => {
    server = await ScriptedServer.start()
    begin(server.name)
    const keys = Array.from({ length: 1200 }, (_, index) => `k${index}`)
    const error = await client.deleteMany(keys).catch((caught: PartialError) => caught)
    const { failed } = error as PartialError
    expect([...failed.keys()]).have.members(keys)
    const codes = [...failed.values()].map((each) => (each as NodeJS.ErrnoException).code)
    expect(codes.at(-1)).equal('TIMEOUT')
    await expectInTime(() => client.setMany(keys.map((key) => [key, 1] as const)))
    // What was sent last may arrive after the deadline.
    await eventually(true, async () => server.received.includes('set k499 '))
    expect(server.received).contain('delete k499\r\n')
    expect(server.received).not.contain('k500')
  })
})
