import { once } from 'node:events'
import { expect } from 'chai'
import { connect, lines, listen } from '../../lib/net/index.js'
import { closing, Recorder, rawClient, rawServer, textUntilEnd } from './kit.js'

describe('The timeouts of a connection', () => {
  const afterwards = closing()

  async function opened(options: object, onSocket?: Parameters<typeof rawServer>[0]) {
    const server = await rawServer(onSocket)
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, ...options })
    afterwards(() => connection.destroy())
    await events.sees('connect')
    return { events, connection, socket: await server.socket() }
  }

  it('close one that is not open in time, and drop what waits', async () => {
    const events = new Recorder()
    const lookup = () => undefined
    const connection = connect(lines(), events, { host: 'slow.test', port: 1, lookup, connectTimeoutMs: 20 })
    connection.send('never')
    await connection.whenClosed()
    expect(events.events).to.deep.equal(['error CONNECT_TIMEOUT', 'close closed CONNECT_TIMEOUT'])
  })

  it('close one whose peer does not answer the hello of TLS', async () => {
    const server = await rawServer((socket) => socket.resume())
    afterwards(server.close)
    const events = new Recorder()
    connect(lines(), events, { port: server.port, tls: true, connectTimeoutMs: 20 })
    await events.sees('close closed CONNECT_TIMEOUT')
    expect(events.countOf('connect')).to.equal(0)
  })

  it('close one on which nothing goes either way', async () => {
    const { events } = await opened({ idleTimeoutMs: 20 })
    await events.sees('close closed IDLE_TIMEOUT')
  })

  it('close one on which nothing arrives, although something is sent', async () => {
    const { events, connection } = await opened({ readTimeoutMs: 60 }, (socket) => socket.resume())
    const sending = setInterval(() => connection.send('x'), 5)
    afterwards(() => clearInterval(sending))
    await events.sees('close closed READ_TIMEOUT')
  })

  it('leave one open on which something is sent, when only idleness counts', async () => {
    const { events, connection } = await opened({ idleTimeoutMs: 10_000 }, (socket) => socket.resume())
    connection.send('x')
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(connection.state).to.equal('open')
    expect(events.events).to.deep.equal(['connect'])
  })

  it('count bytes that arrived while the program was busy', async () => {
    const { events, connection, socket } = await opened({ readTimeoutMs: 200, idleTimeoutMs: 200 })
    for (let round = 1; round <= 3; round++) {
      socket.write('hello\n')
      const busyUntil = performance.now() + 400
      while (performance.now() < busyUntil);
      await new Promise((resolve) => setImmediate(resolve))
      expect(connection.state).to.equal('open')
    }
    await events.sees('close closed READ_TIMEOUT')
    expect(events.messages.length).to.equal(3)
  })

  it('do not count the time of a pause for reading', async () => {
    const { events, connection } = await opened({ readTimeoutMs: 200 })
    connection.pause()
    await new Promise((resolve) => setTimeout(resolve, 500))
    expect(connection.state).to.equal('open')
    connection.resume()
    await events.sees('close closed READ_TIMEOUT')
  })

  it('close one whose peer takes no byte', async () => {
    const { events, connection } = await opened({ writeTimeoutMs: 50 }, (socket) => socket.pause())
    while (connection.send('x'.repeat(10_000)));
    await events.sees('close closed WRITE_TIMEOUT')
  })

  it('bound how long an end waits for the peer', async () => {
    const { events, connection } = await opened({ closeTimeoutMs: 30 }, (socket) => socket.resume())
    await connection.end()
    expect(events.events).to.deep.equal(['connect', 'error CLOSE_TIMEOUT', 'close closed CLOSE_TIMEOUT'])
  })

  it('hold for the connections of a listener as well', async () => {
    const events = new Recorder()
    const listener = await listen(lines(), events, { idleTimeoutMs: 20 })
    afterwards(() => listener.close())
    const client = await rawClient(listener.port)
    expect(await textUntilEnd(client)).to.equal('')
    await events.sees('close closed IDLE_TIMEOUT')
    client.destroy()
  })

  it('take one timer for each connection, whatever there is to time, and none when it is closed', async () => {
    const timers = countTimers()
    afterwards(timers.restore)
    const { connection, events, socket } = await opened({
      idleTimeoutMs: 50_000,
      readTimeoutMs: 50_000,
      writeTimeoutMs: 50_000,
      heartbeat: { message: 'beat', intervalMs: 50_000 },
    })
    expect(timers.running.size).to.equal(1)
    const { madeCount } = timers
    for (let index = 0; index < 100; index++) {
      connection.send('x')
      socket.write('hello\n')
      await events.sees('message hello', index + 1)
    }
    expect(timers.madeCount).to.equal(madeCount)
    expect(timers.running.size).to.equal(1)
    connection.destroy()
    await connection.whenClosed()
    expect(timers.running.size).to.equal(0)
  })
})

/** Counts the timers that the framework makes. Node makes its own in another way, and other specs may have left some that go on. */
function countTimers() {
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const counts = {
    running: new Set<unknown>(),
    madeCount: 0,
    restore: () => Object.assign(globalThis, { setTimeout: set, clearTimeout: clear }),
  }
  Object.assign(globalThis, {
    setTimeout: (action: (...rest: unknown[]) => void, ms: number, ...rest: unknown[]) => {
      if (!new Error().stack!.includes('/lib/net/')) return set(action, ms, ...rest)
      counts.madeCount++
      const timer = set(() => {
        counts.running.delete(timer)
        action(...rest)
      }, ms)
      counts.running.add(timer)
      return timer
    },
    clearTimeout: (timer: NodeJS.Timeout | undefined) => {
      counts.running.delete(timer)
      clear(timer)
    },
  })
  return counts
}

describe('A heartbeat', () => {
  const afterwards = closing()

  it('is sent when nothing arrives, and whatever arrives is an answer', async () => {
    const server = await rawServer((socket) => {
      socket.on('data', () => {
        received++
        if (received <= 5) socket.write('pong\n')
      })
    })
    afterwards(server.close)
    let received = 0
    const events = new Recorder()
    const connection = connect(lines(), events, {
      port: server.port,
      heartbeat: { message: 'ping', intervalMs: 10, missedMax: 1 },
    })
    await events.sees('close closed HEARTBEAT')
    expect(events.countOf('message pong')).to.equal(5)
    expect(connection.state).to.equal('closed')
  })

  it('closes a connection after so many beats without an answer, and no sooner', async () => {
    const server = await rawServer()
    afterwards(server.close)
    const events = new Recorder()
    const heartbeat = { message: 'ping', intervalMs: 5, missedMax: 3 }
    connect(lines(), events, { port: server.port, heartbeat })
    const socket = await server.socket()
    const text = textUntilEnd(socket)
    await events.sees('close closed HEARTBEAT')
    expect(await text).to.equal('ping\n'.repeat(4))
    expect(events.errors[0]!.message).to.equal('4 heartbeats without an answer')
  })

  it('does not close a connection that is paused, and goes on', async () => {
    let beatCount = 0
    const server = await rawServer((socket) => {
      socket.on('data', (chunk) => {
        beatCount += chunk.length / 'ping\n'.length
        socket.write('pong\n')
      })
    })
    afterwards(server.close)
    const events = new Recorder()
    const heartbeat = { message: 'ping', intervalMs: 5, missedMax: 1 }
    const connection = connect(lines(), events, { port: server.port, heartbeat })
    afterwards(() => connection.destroy())
    await events.sees('connect')
    connection.pause()
    while (beatCount < 10 && connection.state === 'open')
      await new Promise((resolve) => setTimeout(resolve, 5))
    expect(connection.state).to.equal('open')
    expect(events.countOf('message pong')).to.equal(0)
    connection.resume()
    await events.sees('message pong', 10)
  })

  it('is not sent while messages arrive', async () => {
    const server = await rawServer()
    afterwards(server.close)
    const events = new Recorder()
    const heartbeat = { message: 'ping', intervalMs: 10_000 }
    const connection = connect(lines(), events, { port: server.port, heartbeat })
    const socket = await server.socket()
    socket.write('hello\n')
    await events.sees('message hello')
    void connection.end()
    expect(await textUntilEnd(socket)).to.equal('')
    socket.end()
    await once(socket, 'close')
  })
})
