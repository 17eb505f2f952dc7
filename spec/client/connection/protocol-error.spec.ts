import { expect } from 'chai'
import { Client, type ClientProtocol, ProtocolError } from '../../../lib/client/index.js'
import { eventually } from '../../support/eventually.js'
import { ScriptedServer } from '../support/scripted-server.js'

const OPAQUE_AT = 12

/** The reply to a get of the binary protocol: an item with its key. */
function item(key: string, value: string, opaque: Buffer): Buffer {
  const bytes = Buffer.alloc(24 + 4 + key.length + value.length)
  bytes[0] = 0x81
  bytes[1] = 0x0c
  bytes.writeUInt16BE(key.length, 2)
  bytes[4] = 4
  bytes.writeUInt32BE(4 + key.length + value.length, 8)
  opaque.copy(bytes, OPAQUE_AT)
  bytes.write(key, 28)
  bytes.write(value, 28 + key.length)
  return bytes
}

const latin = (text: string): Buffer => Buffer.from(text, 'latin1')

/** Values that a program would not want to find in its logs. */
const SECRET = 'secret'.repeat(40)

type Reply = (request: Buffer, key: string, value: string) => Buffer

/** What a server replies to the request for one key: the item of another. */
const REPLIES: Readonly<Record<ClientProtocol, Reply>> = {
  binary: (request, key, value) => item(key, value, request.subarray(OPAQUE_AT, OPAQUE_AT + 4)),
  meta: (request, key, value) => {
    if (`${request}` === 'mn\r\n') return latin('MN\r\n')
    return latin(`VA ${value.length} f0 k${key} ${/O\d+/.exec(`${request}`)![0]}\r\n${value}\r\n`)
  },
  text: (_request, key, value) => latin(`VALUE ${key} 0 ${value.length}\r\n${value}\r\nEND\r\n`),
}

/** What the error shows: the message that was wrong, from its beginning on. */
const SHOWN: Readonly<Record<ClientProtocol, RegExp>> = {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a frame.
  binary: /^\x81\x0c\0\x05\x04.{23}otherx$/s,
  meta: /^VA 1 f0 kother O\d+\r\nx\r\n$/,
  text: /^VALUE other 0 1\r\nx\r\n(END\r\n)?$/,
}

describe('the bytes of a protocol error', () => {
  let server: ScriptedServer
  let client: Client
  afterEach(async () => {
    await client.close()
    await server.stop()
  })

  async function errorOf(call: Promise<unknown>): Promise<ProtocolError> {
    const error: unknown = await call.catch((caught: unknown) => caught)
    expect(error).instanceOf(ProtocolError)
    return error as ProtocolError
  }

  for (const protocol of ['meta', 'binary', 'text'] as const)
    it(`are those of the wrong message alone: over ${protocol}`, async () => {
      const reply = REPLIES[protocol]
      let answered = 0
      server = await ScriptedServer.start((socket) => {
        socket.on('data', (request: Buffer) => {
          // The first replies fill the memory that later ones are read into.
          if (answered++ < 4) socket.write(reply(request, 'a', SECRET))
          else socket.write(reply(request, 'other', 'x'))
        })
      })
      client = new Client(server.name, { protocol, timeout: 30_000, pool: { max: 1 } })
      let error: ProtocolError | undefined
      await eventually(true, async () => {
        error = await client.get('a').then(
          () => undefined,
          (caught: ProtocolError) => caught,
        )
        return error !== undefined
      })
      expect(error).instanceOf(ProtocolError)
      expect(error!.bytes.toString('latin1')).match(SHOWN[protocol])
      expect((error!.cause as ProtocolError).bytes.toString('latin1')).match(SHOWN[protocol])
    })

  it('are its first 64', async () => {
    server = await ScriptedServer.start((socket) => {
      socket.on('data', () => socket.write(REPLIES.text(Buffer.alloc(0), 'other', SECRET)))
    })
    client = new Client(server.name, { protocol: 'text', timeout: 30_000 })
    const { bytes } = await errorOf(client.get('a'))
    expect(`${bytes}`).equal(`VALUE other 0 ${SECRET.length}\r\n${SECRET}`.slice(0, 64))
  })
})
