import { once } from 'node:events'
import { expect } from 'chai'
import { connect, type Handlers, lengthPrefixed, lines, listen } from '../../lib/net/index.js'
import { closing, Recorder, rawClient, rawServer, receives, textUntilEnd } from './kit.js'

describe('A connection', () => {
  const afterwards = closing()

  async function peer(options: object = {}) {
    const server = await rawServer()
    afterwards(server.close)
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port, ...options })
    afterwards(() => connection.destroy())
    const socket = await server.socket()
    await events.sees('connect')
    return { server, events, connection, socket }
  }

  it('tells when it is open, delivers messages, and ends when both sides have ended', async () => {
    const { events, connection, socket } = await peer()
    expect(connection.state).to.equal('open')
    socket.write('one\ntwo\n')
    await events.sees('message two')
    const ended = connection.end()
    expect(connection.state).to.equal('closing')
    expect(await textUntilEnd(socket)).to.equal('')
    socket.end('three\n')
    await ended
    expect(connection.state).to.equal('closed')
    expect(events.events).to.deep.equal([
      'connect',
      'message one',
      'message two',
      'message three',
      'close closed',
    ])
  })

  it('delivers messages that are cut at every byte', async () => {
    const { events, socket } = await peer()
    const bytes = 'first\nsecond\n'
    for (let cut = 1; cut < bytes.length; cut++) {
      socket.write(bytes.slice(0, cut))
      // The framework must have read the first part before the second is sent.
      await new Promise((resolve) => setTimeout(resolve, 2))
      socket.write(bytes.slice(cut))
      await events.sees('message second', cut)
    }
    const expected = Array.from({ length: bytes.length - 1 }, () => ['first', 'second']).flat()
    expect(events.messages).to.deep.equal(expected)
  })

  it('delivers a message that is longer than its memory, and short ones after it', async () => {
    const server = await rawServer()
    afterwards(server.close)
    const lengths: number[] = []
    const sums: boolean[] = []
    let tellDone: () => void
    const done = new Promise<void>((resolve) => {
      tellDone = resolve
    })
    const handlers: Handlers<Buffer, Uint8Array> = {
      onMessage(message) {
        lengths.push(message.length)
        sums.push(message.every((byte, index) => byte === index % 251))
        if (lengths.length === 7) tellDone()
      },
    }
    const connection = connect(lengthPrefixed(), handlers, { port: server.port })
    afterwards(() => connection.destroy())
    const socket = await server.socket()
    const wanted = [10, 3_000_000, 20, 65_000, 65_532, 65_536, 1]
    for (const length of wanted) {
      const head = Buffer.alloc(4)
      head.writeUInt32BE(length)
      socket.write(head)
      socket.write(Buffer.from(Uint8Array.from({ length }, (_, index) => index % 251)))
    }
    await done
    expect(lengths).to.deep.equal(wanted)
    expect(sums).to.deep.equal(wanted.map(() => true))
  })

  it('sends everything of one turn in one write, at its end', async () => {
    const { connection, socket } = await peer()
    const written = connection.socket!.bytesWritten
    connection.send('a')
    connection.send('b')
    await Promise.resolve()
    connection.send('c')
    expect(connection.socket!.bytesWritten).to.equal(written)
    expect(connection.queuedLength).to.equal(6)
    await new Promise<void>((resolve) => process.nextTick(resolve))
    expect(connection.socket!.bytesWritten).to.equal(written + 6)
    const [chunk] = await once(socket, 'data')
    expect(`${chunk}`).to.equal('a\nb\nc\n')
  })

  it('writes at once when it is told to', async () => {
    const { connection, socket } = await peer()
    connection.send('now')
    connection.flush()
    expect(connection.socket!.bytesWritten).to.equal(4)
    expect(connection.queuedLength).to.equal(0)
    await receives(socket, 'now\n')
  })

  it('keeps messages while it connects, and sends them behind what onConnect sends', async () => {
    const server = await rawServer()
    afterwards(server.close)
    const connection = connect(lines(), { onConnect: (self) => self.send('login') }, { port: server.port })
    expect(connection.state).to.equal('connecting')
    expect(connection.send('early')).to.equal(true)
    const text = textUntilEnd(await server.socket())
    void connection.end()
    expect(await text).to.equal('login\nearly\n')
    connection.destroy()
  })

  it('sends what was accepted early although onConnect ends it', async () => {
    const server = await rawServer()
    afterwards(server.close)
    const handlers: Handlers<string> = {
      onConnect(self) {
        self.send('login')
        void self.end()
        self.send('late')
      },
    }
    const connection = connect(lines(), handlers, { port: server.port })
    connection.send('early')
    const socket = await server.socket()
    expect(await textUntilEnd(socket)).to.equal('login\nearly\n')
    socket.end()
    await connection.whenClosed()
  })

  it('drops what is sent after its end, and says so', async () => {
    const { connection, socket } = await peer()
    connection.send('last')
    void connection.end()
    expect(connection.send('late')).to.equal(false)
    expect(await textUntilEnd(socket)).to.equal('last\n')
    socket.end()
    await connection.whenClosed()
    expect(connection.send('later')).to.equal(false)
    await connection.end()
  })

  it('ends when its peer ends, once everything is sent', async () => {
    const { events, connection, socket } = await peer()
    socket.end('bye\n')
    await events.sees('message bye')
    await connection.whenClosed()
    expect(events.events).to.deep.equal(['connect', 'message bye', 'close closed'])
  })

  it('stays half open as long as onEnd wants', async () => {
    const server = await rawServer()
    afterwards(server.close)
    let tellEnd: () => void
    const end = new Promise<void>((resolve) => {
      tellEnd = resolve
    })
    const connection = connect(lines(), { onEnd: () => tellEnd() }, { port: server.port })
    const socket = await server.socket()
    socket.end()
    await end
    expect(connection.state).to.equal('open')
    connection.send('still here')
    void connection.end()
    expect(await textUntilEnd(socket)).to.equal('still here\n')
    await connection.whenClosed()
  })

  it('takes a message that the end of the peer cuts for an error', async () => {
    const { events, socket } = await peer()
    socket.end('whole\nhal')
    await events.sees('close closed INCOMPLETE')
    expect(events.events).to.deep.equal([
      'connect',
      'message whole',
      'error INCOMPLETE',
      'close closed INCOMPLETE',
    ])
  })

  it('closes at once when it is destroyed, and calls handlers in a later turn', async () => {
    const { events, connection, socket } = await peer()
    connection.destroy(new Error('enough'))
    expect(connection.state).to.equal('closed')
    expect(connection.socket).to.equal(undefined)
    expect(events.events).to.deep.equal(['connect'])
    connection.destroy(new Error('once more'))
    await connection.whenClosed()
    expect(events.events).to.deep.equal(['connect', 'error enough', 'close closed enough'])
    await once(socket.resume(), 'end')
  })

  it('is closed with the error of a reset', async () => {
    const { events, socket } = await peer()
    socket.resetAndDestroy()
    await events.sees('close closed ECONNRESET')
    expect(events.events).to.deep.equal(['connect', 'error ECONNRESET', 'close closed ECONNRESET'])
  })

  it('is closed with the error of a failed attempt', async () => {
    const server = await rawServer()
    await server.close()
    const events = new Recorder()
    const connection = connect(lines(), events, { port: server.port })
    connection.send('dropped')
    await connection.whenClosed()
    expect(events.events).to.deep.equal(['error ECONNREFUSED', 'close closed ECONNREFUSED'])
  })

  it('delivers nothing while paused, and then everything in order, the end last', async () => {
    for (const early of [true, false]) {
      const { events, connection, socket } = await peer()
      if (early) connection.pause()
      else
        events.onMessage = function (this: Recorder, message) {
          Recorder.prototype.onMessage.call(this, message, connection)
          if (message === '1') connection.pause()
        }
      socket.write('1\n2\n')
      socket.end('3\n')
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(events.messages).to.deep.equal(early ? [] : ['1'])
      expect(connection.state).to.equal('open')
      connection.resume()
      expect(events.messages).to.deep.equal(early ? [] : ['1'])
      await connection.whenClosed()
      expect(events.events).to.deep.equal(['connect', 'message 1', 'message 2', 'message 3', 'close closed'])
    }
  })

  it('refuses a message that is longer than allowed, whether it arrives whole or in parts', async () => {
    for (const bytes of [`${'x'.repeat(11)}\n`, 'x'.repeat(30)]) {
      const { events, socket } = await peer({ messageLengthMax: 10 })
      socket.write('123456789\n')
      await events.sees('message 123456789')
      socket.write(bytes)
      await events.sees('close closed MESSAGE_TOO_LONG')
    }
  })

  it('is closed by bytes that are no message; others and the program go on', async () => {
    const broken = {
      decode: (): never => {
        throw new Error('no message')
      },
      encode: () => undefined,
    }
    const events = new Recorder()
    const codecs = [broken, lines()()]
    const listener = await listen(() => codecs.shift()!, events)
    afterwards(() => listener.close())
    const bad = await rawClient(listener.port)
    const good = await rawClient(listener.port)
    afterwards(() => good.destroy())
    await events.sees('connect', 2)
    bad.write('x')
    good.write('fine\n')
    await once(bad.resume(), 'end')
    await events.sees('message fine')
    expect(events.events).to.include.members(['error no message', 'close closed no message'])
    expect(listener.connections.size).to.equal(1)
  })

  const defects = {
    throws: () => {
      throw new Error('defect')
    },
    rejects: () => Promise.reject(new Error('defect')),
  }
  const names = ['onConnect', 'onMessage', 'onDrain', 'onEnd'] as const
  for (const [name, how] of names.flatMap((each) => [[each, 'throws'] as const, [each, 'rejects'] as const]))
    it(`is closed by an error of its own handler: ${name} ${how}`, async () => {
      const server = await rawServer((socket) => socket.end('hello\n'))
      afterwards(server.close)
      const events = new Recorder()
      const connection = connect(lines(), Object.assign(events, { [name]: defects[how] }), {
        port: server.port,
        highWaterMark: 1,
      })
      if (name === 'onDrain') expect(connection.send('full')).to.equal(false)
      await events.sees('close closed defect')
      expect(events.countOf('error defect')).to.equal(1)
    })

  it('tells of a handler that fails after the connection has closed', async () => {
    const server = await rawServer((socket) => socket.end('hello\n'))
    afterwards(server.close)
    const events = new Recorder()
    let fail = (_error: Error): void => {}
    const onMessage = () =>
      new Promise<void>((_resolve, reject) => {
        fail = reject
      })
    const connection = connect(lines(), Object.assign(events, { onMessage }), { port: server.port })
    await connection.whenClosed()
    fail(new Error('too late'))
    await events.sees('error too late')
  })

  it('throws the error of a handler as an uncaught exception if nobody asks for errors', async () => {
    const server = await rawServer((socket) => socket.write('hello\n'))
    afterwards(server.close)
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    afterwards(() => {
      for (const listener of listeners) process.on('uncaughtException', listener)
    })
    const uncaught = once(process, 'uncaughtException')
    const handlers = {
      onMessage() {
        throw new Error('defect')
      },
    }
    const connection = connect(lines(), handlers, { port: server.port })
    const [error] = await uncaught
    expect(error.message).to.equal('defect')
    await connection.whenClosed()
  })

  it('refuses options that do not exist, or are of the wrong kind, by name', () => {
    const wrong: [object, string][] = [
      [{ port: 1, idelTimeoutMs: 5 }, 'idelTimeoutMs: no such option'],
      [{ port: 1, idleTimeoutMs: -1 }, 'idleTimeoutMs: a number of at least 0 is needed, not -1'],
      [{ port: 1, queueLengthMax: '9' }, 'queueLengthMax: a number of at least 1 is needed, not 9'],
      [{ port: 1, noDelay: 1 }, 'noDelay: true or false is needed, not 1'],
      [{ port: 1, reconnect: { jitter: 2 } }, 'jitter: a number from 0 to 1 is needed, not 2'],
      [{ port: 1, reconnect: { min: 2 } }, 'reconnect.min: no such option'],
      [{ port: 1, heartbeat: { message: 'x' } }, 'intervalMs: a number of at least 1 is needed, not 0'],
      [{ port: 1, heartbeat: { intervalMs: 5 } }, 'heartbeat.message: missing'],
      [{}, 'port or path: missing'],
      [{ port: -1 }, 'port: a number from 1 to 65535 is needed, not -1'],
      [{ port: 70_000 }, 'port: a number from 1 to 65535 is needed, not 70000'],
      [{ port: 'x' }, 'port: a number from 1 to 65535 is needed, not x'],
      [{ port: 1.5 }, 'port: a whole number is needed, not 1.5'],
      [{ port: 1, host: 5 }, 'host: a text is needed, not 5'],
      [{ path: '' }, 'path: a text is needed, not '],
      [{ port: 1, lookup: 'dns' }, 'lookup: a function is needed, not dns'],
      [{ port: 1, tls: 'yes' }, 'tls: an object is needed, not yes'],
    ]
    for (const [options, message] of wrong)
      expect(() => connect(lines(), {}, options))
        .to.throw(message)
        .with.property('code', 'BAD_OPTION')
    for (const given of [null, 5])
      for (const [name, call] of [
        ['options', () => connect(lines(), {}, given as never)],
        ['codec', () => connect(given as never, {}, { port: 1 })],
        ['handlers', () => connect(lines(), given as never, { port: 1 })],
      ] as const)
        expect(call)
          .to.throw(new RegExp(`^${name}: an object`))
          .with.property('code', 'BAD_OPTION')
  })
})
