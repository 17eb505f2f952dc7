import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Client, type ClientOptions, type WaitOptions } from '../../../lib/client/index.js'
import { Server } from '../../../lib/index.js'
import { type ServerProcess, startServer } from '../../support/server.js'
import { codeOf } from '../support/code-of.js'
import { expectConnections } from '../support/connection-count.js'
import { ScriptedServer } from '../support/scripted-server.js'

const PATIENT: ClientOptions = { timeout: 30_000 }
const LONG = { timeout: 60_000 }
/** In which a busy machine has connected and asked. */
const TIME_UP_MS = 1500

for (const protocol of ['meta', 'binary', 'text'] as const)
  describe(`A client over ${protocol} that waits for a key`, () => {
    let server: Server
    let client: Client

    before(async () => {
      server = await Server.start({ port: 0, memoryMegabytes: 16, changes: 256 * 1024 })
      client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, protocol, prefix: 'p:' })
    })
    after(async () => {
      await client.close()
      await server.stop()
    })
    beforeEach(() => client.flush())

    it('receives the item once there is one', async () => {
      const waiting = client.waitFor('k', LONG)
      await client.set('k', { n: 1 })
      const { value, cas } = (await waiting)!
      expect(value).deep.equal({ n: 1 })
      expect((await client.gets('k'))!.cas).equal(cas)
    })

    it('receives it at once if it has changed already', async () => {
      await client.set('k', 'now')
      expect((await client.waitFor('k', LONG))!.value).equal('now')
      const first = (await client.gets('k'))!
      await client.set('k', 'later')
      expect(await client.waitFor('k', { ...LONG, after: first.cas })).include({ value: 'later' })
    })

    it('receives it when it changes', async () => {
      await client.set('k', 'first')
      const { cas } = (await client.gets('k'))!
      const waiting = client.waitFor<string>('k', { ...LONG, after: cas })
      await client.touch('k', 100)
      await client.set('other', 1)
      await client.set('k', 'second')
      expect(await waiting).include({ value: 'second' })
    })

    it('is told that it is missing', async () => {
      await client.set('k', 'first')
      const { cas } = (await client.gets('k'))!
      const waiting = client.waitFor('k', { ...LONG, after: cas })
      await client.delete('k')
      expect(await waiting).equal('missing')
      expect(await client.waitFor('k', { ...LONG, after: cas })).equal('missing')
    })

    it('is told nothing when its time is up', async () => {
      expect(await client.waitFor('k', { timeout: TIME_UP_MS })).equal(undefined)
      await client.set('k', 'first')
      const { cas } = (await client.gets('k'))!
      expect(await client.waitFor('k', { timeout: TIME_UP_MS, after: cas })).equal(undefined)
    })

    it('does not hold up other calls, and other waits', async () => {
      const waits = Array.from({ length: 20 }, (_, index) => client.waitFor(`k${index}`, LONG))
      for (let index = 19; index >= 0; index--) {
        await client.set(`k${index}`, index)
        expect((await waits[index])!.value).equal(index)
      }
    })

    it('ends with its signal', async () => {
      const controller = new AbortController()
      const waiting = client.waitFor('k', { ...LONG, signal: controller.signal })
      await client.get('k')
      controller.abort()
      expect(await codeOf(waiting)).equal('ABORTED')
      expect(await codeOf(client.waitFor('k', { signal: controller.signal }))).equal('ABORTED')
    })

    it('leaves no socket', async () => {
      await client.waitFor('k', { timeout: 100 })
      await expectConnections(client, 1)
    })

    it('refuses wrong arguments', async () => {
      for (const [code, options] of [
        ['BAD_OPTION', { timeout: 0 }],
        ['BAD_OPTION', { timeout: 3_600_001 }],
        ['BAD_VALUE', { after: -1n }],
        ['BAD_VALUE', { after: 7 }],
      ] as unknown as [string, WaitOptions][])
        expect(await codeOf(client.waitFor('k', options)), code).equal(code)
      expect(await codeOf(client.waitFor(''))).equal('BAD_KEY')
    })
  })

describe('A client that waits for a key', () => {
  it('waits for keys with blanks, over binary and in base64', async () => {
    const server = await Server.start({ port: 0, memoryMegabytes: 16, changes: 256 * 1024 })
    for (const options of [{ protocol: 'binary' }, { longKeys: 'base64' }] as ClientOptions[]) {
      const client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, ...options })
      await client.set('a key', 'with a blank')
      expect((await client.waitFor('a key', LONG))!.value).equal('with a blank')
      await client.close()
    }
    await server.stop()
  })

  it('fails when it is closed, and afterwards', async () => {
    const server = await Server.start({ port: 0, memoryMegabytes: 16, changes: 256 * 1024 })
    const client = new Client(`127.0.0.1:${server.port}`, PATIENT)
    const waiting = codeOf(client.waitFor('k', LONG))
    await client.get('k')
    await client.close()
    expect(await waiting).equal('CLOSED')
    expect(await codeOf(client.waitFor('k'))).equal('CLOSED')
    await server.stop()
  })

  it('fails when the connection is lost, or was never made', async () => {
    const scripted = await ScriptedServer.start((socket) => {
      socket.on('data', (line) => (`${line}`.startsWith('mn') ? socket.write('MN\r\n') : socket.destroy()))
    })
    const client = new Client(scripted.name, PATIENT)
    expect(await codeOf(client.waitFor('k'))).equal('CONNECTION')
    expect(scripted.received).match(/^mn\r\nmw k c0 T31 v f\r\n$/)
    await scripted.stop()
    expect(await codeOf(client.waitFor('k'))).equal('UNREACHABLE')
    await client.close()
  })

  it('does not say that nothing has changed if the server was not asked', async () => {
    const scripted = await ScriptedServer.start()
    const client = new Client(scripted.name, PATIENT)
    expect(await codeOf(client.waitFor('k', { timeout: 100 }))).equal('TIMEOUT')
    await client.close()
    await scripted.stop()
  })

  it('has a bound for waits', async () => {
    const scripted = await ScriptedServer.start()
    const client = new Client(scripted.name, PATIENT)
    const waits = Array.from({ length: 1000 }, () => codeOf(client.waitFor('k', LONG)))
    await sleep(0)
    expect(await codeOf(client.waitFor('k', LONG))).equal('QUEUE_FULL')
    await client.close()
    expect(new Set(await Promise.all(waits))).deep.equal(new Set(['CLOSED']))
    await scripted.stop()
  })

  async function codeFrom(server: ServerProcess, options: ClientOptions = {}): Promise<string> {
    const client = new Client(`127.0.0.1:${server.port}`, { ...PATIENT, ...options })
    const code = await codeOf(client.waitFor('k'))
    await client.close()
    await server.stop()
    return code
  }

  it('is told that changes are off', async () => {
    expect(await codeFrom(await startServer())).equal('UNSUPPORTED')
  })

  it('is told that the server accepts only binary', async () => {
    const options = ['--changes', '1m', '-B', 'binary']
    expect(await codeFrom(await startServer({ options }), { protocol: 'binary' })).equal('UNSUPPORTED')
  })
})
