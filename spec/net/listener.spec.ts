import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Connection, connect, type Handlers, lines, listen } from '../../lib/net/index.js'
import { closing, Recorder, rawClient, textUntilEnd } from './kit.js'

const echo: Handlers<string> = { onMessage: (line, connection) => void connection.send(line) }

describe('A listener', () => {
  const afterwards = closing()

  it('says where it listens, and which connections are open', async () => {
    const listener = await listen(lines(), echo)
    afterwards(() => listener.close())
    expect([listener.host, listener.path]).to.deep.equal(['127.0.0.1', undefined])
    expect(listener.port).to.be.above(0)
    const client = await rawClient(listener.port)
    client.write('hello\n')
    await once(client, 'data')
    expect(listener.connections.size).to.equal(1)
    client.end()
    await once(client.resume(), 'close')
    expect(listener.connections.size).to.equal(0)
  })

  it('makes handlers for each connection, if they are given as a function', async () => {
    let count = 0
    const listener = await listen(lines(), () => {
      const number = ++count
      return { onMessage: (line, connection) => void connection.send(`${number} ${line}`) }
    })
    afterwards(() => listener.close())
    for (const wanted of ['1 hello', '2 hello']) {
      const events = new Recorder()
      const connection = connect(lines(), events, { port: listener.port })
      connection.send('hello')
      await connection.end()
      expect(events.messages).to.deep.equal([wanted])
    }
  })

  it('sends everything accepted before it is closed, and accepts no connection afterwards', async () => {
    const LINE = 'x'.repeat(99_999)
    const accepted: Connection<string>[] = []
    const listener = await listen(lines(), { onConnect: (connection) => void accepted.push(connection) })
    const clients = await Promise.all([rawClient(listener.port), rawClient(listener.port)])
    while (accepted.length < 2) await new Promise((resolve) => setImmediate(resolve))
    for (const connection of accepted) for (let index = 0; index < 100; index++) connection.send(LINE)
    const closed = listener.close()
    const texts = clients.map((client) => {
      client.on('end', () => client.end())
      return textUntilEnd(client)
    })
    await closed
    for (const text of texts) expect((await text).length).to.equal(10_000_000)
    const events = new Recorder()
    await connect(lines(), events, { port: listener.port }).whenClosed()
    expect(events.events).to.deep.equal(['error ECONNREFUSED', 'close closed ECONNREFUSED'])
  })

  it('closes although a peer never closes its side', async () => {
    const listener = await listen(lines(), echo, { closeTimeoutMs: 20 })
    const client = await rawClient(listener.port)
    client.write('hello\n')
    await once(client, 'data')
    await listener.close()
    expect(await listener.close()).to.equal(undefined)
    client.destroy()
  })

  it('closes connections beyond its maximum', async () => {
    const events = new Recorder()
    const listener = await listen(lines(), events, { connectionsMax: 1 })
    afterwards(() => listener.close())
    const first = await rawClient(listener.port)
    afterwards(() => first.destroy())
    await events.sees('connect')
    const second = await rawClient(listener.port)
    await once(second.resume(), 'end')
    expect(events.events).to.deep.equal(['connect'])
  })

  it('rejects with the error of the system, or of an option', async () => {
    const listener = await listen(lines(), echo)
    afterwards(() => listener.close())
    const codeOf = (options: object): Promise<unknown> =>
      listen(lines(), echo, options).then(
        () => 'listens',
        (error) => error.code,
      )
    expect(await codeOf({ port: listener.port })).to.equal('EADDRINUSE')
    const wrongs = [
      { prot: 1 },
      null,
      5,
      [],
      { port: -1 },
      { port: 70_000 },
      { port: 1.5 },
      { port: 'x' },
      { host: 5 },
      { path: '' },
      { backlog: -1 },
      { connectionsMax: -1 },
      { tls: true },
      { onAcceptError: 'log' },
      { stopOnSignal: 5 },
      { stopOnSignal: ['SIGFOO'] },
      { stopOnSignal: ['SIGKILL'] },
    ]
    for (const wrong of wrongs) expect(await codeOf(wrong as never)).to.equal('BAD_OPTION')
  })

  it('does not keep the process running when it is told not to', async () => {
    const { code, said } = await runProgram(`
      const listener = await listen(lines(), {})
      listener.unref()
      const connection = connect(lines(), { onConnect: () => console.log('open') }, { port: listener.port })
      connection.send('x')
      setTimeout(() => connection.unref(), 20)
    `)
    expect({ code, said }).to.deep.equal({ code: 0, said: 'open\n' })
  })

  it('closes at a signal, sends what was accepted, and lets the process end', async () => {
    const { code, said } = await runProgram(`
      const listener = await listen(lines(), {
        onMessage(line, connection) {
          connection.send(line)
          process.kill(process.pid, 'SIGTERM')
        },
        onClose: () => console.log('closed', process.listenerCount('SIGTERM')),
      }, { stopOnSignal: true })
      const client = connect(lines(), { onMessage: (line) => console.log(line) }, { port: listener.port })
      client.send('hello')
    `)
    expect(said).to.include('hello\n').and.include('closed 0\n')
    expect(code).to.equal(0)
  })

  it('leaves signals alone unless it is told to stop at them', async () => {
    const { signal } = await runProgram(`
      await listen(lines(), {}, { stopOnSignal: ['SIGINT'] })
      process.kill(process.pid, 'SIGTERM')
    `)
    expect(signal).to.equal('SIGTERM')
  })

  it('listens on a unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-net-'))
    afterwards(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'echo.sock')
    const listener = await listen(lines(), echo, { path })
    afterwards(() => listener.close())
    expect([listener.host, listener.port, listener.path]).to.deep.equal(['', 0, path])
    const events = new Recorder()
    const connection = connect(lines(), events, { path })
    connection.send('hello')
    await connection.end()
    expect(events.messages).to.deep.equal(['hello'])
  })
})

async function runProgram(text: string): Promise<{ code: number; signal: string; said: string }> {
  const index = new URL('../../lib/net/index.js', import.meta.url).href
  const program = `const { connect, lines, listen } = await import('${index}')\n${text}`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  const [code, signal] = await once(child, 'close')
  return { code, signal, said }
}
