import { expect } from 'chai'
import { Client, ProtocolError } from '../../../lib/client/index.js'
import { ScriptedServer } from '../support/scripted-server.js'

describe('what a server says before it can be asked', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  for (const [name, options, reply] of [
    ['the first question of meta', { protocol: 'meta' }, 'nonsense!'],
    ['the first question of meta, if text would do', {}, 'END'],
    ['a login of binary', { protocol: 'binary', credentials: { user: 'a', password: 'b' } }, 'nonsense!'],
  ] as const)
    it(`is a protocol error with its bytes if it is no reply: to ${name}`, async () => {
      server = await ScriptedServer.start((socket) => {
        socket.on('data', () => socket.write(`${reply}\r\n`))
      })
      client = new Client(server.name, { timeout: 30_000, breaker: false, ...options })
      for (const call of [client.get('a'), client.get('b')]) {
        const error: unknown = await call.catch((caught: unknown) => caught)
        expect(error).instanceOf(ProtocolError).property('code', 'PROTOCOL')
        expect(`${(error as ProtocolError).bytes}`).equal(`${reply}\r\n`)
        expect((error as Error).message).contain(server.name)
      }
    })
})
