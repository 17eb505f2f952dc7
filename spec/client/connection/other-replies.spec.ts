import { expect } from 'chai'
import { Client, type ClientProtocol, ProtocolError } from '../../../lib/client/index.js'
import { codeOf } from '../support/code-of.js'
import { replyToLines, ScriptedServer } from '../support/scripted-server.js'

type Call = (client: Client) => Promise<unknown>
/** A call, the reply of another command (O: its number), and over which protocol. */
type Lie = readonly [protocol: ClientProtocol, name: string, call: Call, reply: string]

const calls: Readonly<Record<string, Call>> = {
  get: (c) => c.get('k'),
  set: (c) => c.set('k', 1),
  cas: (c) => c.cas('k', 1, 1n),
  delete: (c) => c.delete('k'),
  touch: (c) => c.touch('k', 5),
  increment: (c) => c.increment('k'),
  flush: (c) => c.flush(),
  version: (c) => c.version(),
  noop: (c) => c.noop(),
  getOrSet: (c) => c.getOrSet('k', 5, () => 1, { whenDown: 'fail' }),
  meta: (c) => c.meta('mg', 'k', { flags: 'k v' }),
}

const LIES: readonly Lie[] = (
  [
    ['meta', 'delete', 'STORED'],
    ['meta', 'delete', 'NOT_FOUND'],
    ['meta', 'set', 'DELETED'],
    ['meta', 'set', 'ME k exp=-1'],
    ['meta', 'cas', 'EXISTS'],
    ['meta', 'touch', 'HD kzz O'],
    ['meta', 'set', 'HD kzz O'],
    ['meta', 'cas', 'EX kzz O'],
    ['meta', 'get', 'END'],
    ['meta', 'get', 'NOT_FOUND'],
    ['meta', 'increment', '42'],
    ['meta', 'increment', 'VA 20 O\r\n18446744073709551616'],
    ['meta', 'increment', 'VA 21 O\r\n000000000000000000001'],
    ['meta', 'increment', 'VA 2 kzz O\r\n42'],
    ['meta', 'flush', 'HD'],
    ['meta', 'flush', 'STORED'],
    ['meta', 'version', 'OK'],
    ['meta', 'noop', 'HD'],
    ['meta', 'noop', 'END'],
    ['meta', 'getOrSet', 'NOT_FOUND'],
    ['meta', 'meta', 'STORED'],
    ['meta', 'meta', 'VA 1 kzz O\r\nx'],
    ['text', 'delete', 'STORED'],
    ['text', 'set', 'DELETED'],
    ['text', 'set', 'HD'],
    ['text', 'touch', 'DELETED'],
    ['text', 'get', 'NOT_FOUND'],
    ['text', 'get', 'EN'],
    ['text', 'increment', '18446744073709551616'],
    ['text', 'flush', 'STORED'],
    ['text', 'version', '42'],
    ['text', 'noop', 'OK'],
  ] as const
).map(([protocol, name, reply]): Lie => [protocol, name, calls[name]!, reply])

describe('a reply of another command is a protocol error:', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  for (const [protocol, name, call, reply] of LIES)
    it(`${JSON.stringify(reply)} to ${name}, over ${protocol}`, async () => {
      let isAsked = false
      server = await ScriptedServer.start(
        replyToLines((line) => {
          // The first question of a connection.
          if (line === 'mn' && !isAsked) {
            isAsked = true
            return 'MN\r\n'
          }
          if (line === '1') return undefined
          return `${reply.replace(/O$|O(?=\r)/, /O\d+/.exec(line)?.[0] ?? 'O')}\r\n`
        }),
      )
      client = new Client(server.name, { protocol, timeout: 30_000, breaker: false })
      const error: unknown = await call(client).catch((caught: unknown) => caught)
      expect(error).instanceOf(ProtocolError).property('code', 'PROTOCOL')
      expect(`${(error as ProtocolError).bytes}`.startsWith(reply.slice(0, 2))).equal(true)
    })

  /** Frames without extras that mean success, with the number of the request. */
  const frame = (opcode: number, request: Buffer, value = Buffer.alloc(0)): Buffer => {
    const bytes = Buffer.alloc(24)
    bytes[0] = 0x81
    bytes[1] = opcode
    bytes.writeUInt32BE(value.length, 8)
    request.copy(bytes, 12, 12, 16)
    return Buffer.concat([bytes, value])
  }

  const opcodes = {
    get: 0x00,
    set: 0x01,
    delete: 0x04,
    increment: 0x05,
    noop: 0x0a,
    version: 0x0b,
    touch: 0x1c,
  }
  for (const [name, other] of [
    ['get', 'noop'],
    ['set', 'delete'],
    ['delete', 'set'],
    ['touch', 'delete'],
    ['noop', 'set'],
    ['version', 'noop'],
    ['increment', 'version'],
  ] as const)
    it(`that to ${other} to ${name}, over binary`, async () => {
      const value = other === 'version' ? Buffer.from('12345678') : undefined
      server = await ScriptedServer.start((socket) => {
        socket.on('data', (request: Buffer) => socket.write(frame(opcodes[other], request, value)))
      })
      client = new Client(server.name, { protocol: 'binary', timeout: 30_000 })
      expect(await codeOf(calls[name]!(client))).equal('PROTOCOL')
    })
})
