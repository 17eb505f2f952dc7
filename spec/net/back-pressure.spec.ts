import { expect } from 'chai'
import { type Connection, connect, lines, listen } from '../../lib/net/index.js'
import { closing, Recorder, rawClient, rawServer } from './kit.js'

const LINE = 'x'.repeat(9999)

describe('Back-pressure', () => {
  const afterwards = closing()

  /** A connection whose peer reads nothing yet. */
  async function toSlowReader(options: object) {
    const server = await rawServer((socket) => socket.pause())
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, ...options })
    afterwards(() => connection.destroy())
    await events.sees('connect')
    return { connection, events, socket: await server.socket() }
  }

  /** Sends until it is told to wait. Returns how many messages were accepted. */
  function sendUntilFull(connection: Connection<string>): number {
    for (let count = 1; count < 100_000; count++) if (!connection.send(LINE)) return count
    throw new Error('the queue is never full')
  }

  it('says when to wait, and when to go on; every byte arrives once and in order', async () => {
    const { connection, events, socket } = await toSlowReader({ highWaterMark: 100_000 })
    let count = sendUntilFull(connection)
    expect(connection.queuedLength).to.be.within(100_000, 110_000)
    expect(connection.send('accepted nevertheless')).to.equal(false)
    expect(events.countOf('drain')).to.equal(0)
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk)).resume()
    await events.sees('drain')
    expect(connection.queuedLength).to.be.below(100_000)
    count += sendUntilFull(connection)
    await events.sees('drain', 2)
    const ended = connection.end()
    socket.on('end', () => socket.end())
    await ended
    const text = Buffer.concat(chunks).toString()
    const got = text.split('\n')
    expect(got.length).to.equal(count + 2)
    expect(got.filter((line) => line === LINE).length).to.equal(count)
    expect(got.filter((line) => line === 'accepted nevertheless').length).to.equal(1)
  })

  it('bounds the queue: what is too much is not accepted, and the connection stays', async () => {
    const { connection, socket } = await toSlowReader({ highWaterMark: 1000, queueLengthMax: 1_000_000 })
    let count = 0
    const fill = () => {
      while (count < 100_000) {
        connection.send(LINE)
        count++
      }
    }
    expect(fill).to.throw().with.property('code', 'QUEUE_FULL')
    const queued = connection.queuedLength
    expect(queued).to.be.within(1_000_000, 1_010_000)
    expect(() => connection.send('more')).to.throw('bytes wait to be sent')
    expect(connection.queuedLength).to.equal(queued)
    expect(connection.state).to.equal('open')
    let length = 0
    socket.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    socket.on('end', () => socket.end()).resume()
    await connection.end()
    expect(length).to.equal(count * 10_000)
  })

  it('bounds what waits for a connection that is not open yet', async () => {
    const connection = connect(
      lines(),
      {},
      { port: 1, lookup: () => undefined, host: 'nowhere.test', queueLengthMax: 10 },
    )
    expect(connection.send('123456789')).to.equal(true)
    expect(() => connection.send('0'))
      .to.throw()
      .with.property('code', 'QUEUE_FULL')
    connection.destroy()
    await connection.whenClosed()
  })

  it('ends with nothing lost, although the peer reads slowly', async () => {
    let tellSent: (count: number) => void
    const sent = new Promise<number>((resolve) => {
      tellSent = resolve
    })
    const listener = await listen(lines(), {
      onMessage: (_line, connection) => {
        tellSent(sendUntilFull(connection))
        void connection.end()
      },
    })
    afterwards(() => listener.close())
    const client = await rawClient(listener.port)
    client.pause()
    client.write('go\n')
    const count = await sent
    const closed = listener.close()
    let length = 0
    client.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    client.on('end', () => client.end()).resume()
    await closed
    expect(length).to.equal(count * 10_000)
  })

  it('lets a slow reader pause its peer', async () => {
    const listener = await listen(lines(), {
      onConnect(connection) {
        connection.pause()
        setTimeout(() => connection.resume(), 30)
      },
      onMessage: (line, connection) => {
        if (line === 'end') connection.send('all is here')
      },
    })
    afterwards(() => listener.close())
    const events = new Recorder()
    const connection = connect(lines(), events, { port: listener.port, highWaterMark: 10_000 })
    await events.sees('connect')
    sendUntilFull(connection)
    await events.sees('drain')
    connection.send('end')
    await events.sees('message all is here')
    await connection.end()
  })

  it('sends long parts, which are linked, between short ones, in batches', async () => {
    const { connection, socket } = await toSlowReader({ queueLengthMax: 100_000_000 })
    connection.destroy()
    socket.destroy()
    const server = await rawServer()
    afterwards(server.close)
    const parts: Buffer[] = []
    const codec = {
      decode: (): never => {
        throw new Error('nothing is received')
      },
      encode: (part: Buffer, output: { writeBytes(part: Buffer): void }) => output.writeBytes(part),
    }
    const linked = connect(codec, {}, { port: server.port, queueLengthMax: 100_000_000 })
    const reader = await server.socket()
    for (let index = 0; index < 12; index++) {
      const part = Buffer.alloc(index % 2 === 0 ? 100 : 2_500_000, index)
      parts.push(part)
      linked.send(part)
    }
    const chunks: Buffer[] = []
    reader.on('data', (chunk: Buffer) => chunks.push(chunk))
    reader.on('end', () => reader.end())
    await linked.end()
    expect(Buffer.concat(chunks).equals(Buffer.concat(parts))).to.equal(true)
  })
})
