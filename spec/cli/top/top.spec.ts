/** `keepcached top` with servers. */
import { expect } from 'chai'
import type { Terminal } from '../../../lib/cli/arguments/sub-command.js'
import { Server } from '../../../lib/index.js'
import { ScriptedServer } from '../../client/support/scripted-server.js'
import { runTool } from '../../support/tool.js'

const QUICK = ['--interval', '100']

const objectsIn = (out: string): Record<string, unknown>[] =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

class Keyboard implements Terminal {
  readonly columns = 60
  readonly rows = 20
  isRestored = false
  type: (keys: string) => void = () => undefined

  onKeys(listener: (keys: string) => void) {
    this.type = listener
    return () => {
      this.isRestored = true
    }
  }
}

describe('keepcached top', () => {
  let server: Server
  before(async () => {
    server = await Server.start({ port: 0 })
  })
  after(() => server.stop())
  const address = (): string => `127.0.0.1:${server.port}`

  for (const protocol of ['--text', '--binary'])
    it(`prints an object for each server and look, with ${protocol}`, async () => {
      const { code, out } = await runTool([
        'top',
        address(),
        '127.0.0.1:1',
        '--json',
        '--count',
        '2',
        protocol,
        ...QUICK,
      ])
      expect(code).to.equal(0)
      const objects = objectsIn(out)
      expect(objects.map((each) => each['server'])).to.deep.equal([
        address(),
        '127.0.0.1:1',
        address(),
        '127.0.0.1:1',
      ])
      expect(objects[0]).to.include({ version: '1.6.45', bytesMax: 64 * 1024 * 1024, getsPerSecond: 0 })
      expect(objects[1]!['error']).to.match(/^connect ECONNREFUSED/)
    })

  it('prints lines where there is no terminal', async () => {
    const { out } = await runTool(['top', address(), '--count', '1', ...QUICK])
    expect(out).to.match(new RegExp(`^20\\S+Z ${address()} version=1\\.6\\.45 up=\\S+ gets/s=0 .*\n$`))
  })

  it('shows a server as away, and again once it is back', async () => {
    const first = await Server.start({ port: 0 })
    const { port } = first
    await first.stop()
    let back: Promise<Server> | undefined
    const keyboard = new Keyboard()
    const { code } = await runTool(['top', `127.0.0.1:${port}`, ...QUICK], {
      terminal: keyboard,
      onWrite: (text) => {
        if (text.includes('ECONNREFUSED')) back ??= Server.start({ port })
        if (text.includes('1.6.45')) keyboard.type('q')
      },
    })
    expect(code).to.equal(0)
    expect(back).to.be.a('promise')
    await (await back)?.stop()
  })

  it('shows a server that does not answer as such, without waiting for it', async () => {
    const silent = await ScriptedServer.start()
    const { out } = await runTool([
      'top',
      silent.name,
      address(),
      '--json',
      '--count',
      '1',
      '--timeout',
      '200',
      ...QUICK,
    ])
    await silent.stop()
    const [first, second] = objectsIn(out)
    expect(first!['error']).to.equal('the server did not reply in time')
    expect(second).to.include({ version: '1.6.45' })
  })

  it('shows the others on a terminal while a server is silent, and ends by a key meanwhile', async () => {
    const silent = await ScriptedServer.start()
    const keyboard = new Keyboard()
    const onWrite = (text: string): void => {
      if (text.includes('1.6.45') && text.includes('no answer yet')) keyboard.type('q')
    }
    const { code, out } = await runTool(['top', silent.name, address(), ...QUICK, '--timeout', '600000'], {
      terminal: keyboard,
      onWrite,
    })
    await silent.stop()
    expect([code, keyboard.isRestored]).to.deep.equal([0, true])
    expect(out).to.include('1.6.45')
  })

  it('ends by a key before a silent server has answered at all', async () => {
    const keyboard = new Keyboard()
    const silent = await ScriptedServer.start((socket) => socket.once('data', () => keyboard.type('q')))
    const { code, out } = await runTool(['top', silent.name, ...QUICK, '--timeout', '600000'], {
      terminal: keyboard,
    })
    await silent.stop()
    expect([code, out, keyboard.isRestored]).to.deep.equal([0, '', true])
  })

  it('shows the hot keys of a server that has them', async () => {
    const scripted = await ScriptedServer.start((socket) => {
      socket.on('data', (bytes: Buffer) => {
        const isHot = `${bytes}`.includes('hotkeys')
        const line = isHot ? '10s:reads:keys:1 70 2 user:1' : 'version 1.6.45'
        socket.write(`STAT ${line}\r\nEND\r\n`)
      })
    })
    const { out } = await runTool(['top', scripted.name, '--json', '--count', '1', ...QUICK])
    await scripted.stop()
    expect(objectsIn(out)[0]!['hotKeys']).to.deep.equal([{ key: 'user:1', reads: 70 }])
  })

  for (const [name, key] of [
    ['q', 'q'],
    ['ctrl-C', '\x03'],
  ] as const)
    it(`fills a terminal until ${name} is typed, and leaves it as it was`, async () => {
      const keyboard = new Keyboard()
      const onWrite = (text: string): void => {
        if (text.includes('gets/s')) keyboard.type(`x${key}`)
      }
      const { code, out } = await runTool(['top', address(), ...QUICK], { terminal: keyboard, onWrite })
      expect([code, keyboard.isRestored]).to.deep.equal([0, true])
      expect(out.startsWith('\x1b[?1049h\x1b[?25l\x1b[H')).to.equal(true)
      expect(out.endsWith('\x1b[?25h\x1b[?1049l')).to.equal(true)
      expect(out.split('version ')).to.have.length(2)
    })

  it('refuses wrong words', async () => {
    for (const [words, complaint] of [
      [['--interval', '99'], /^--interval: 99 is not a number from 100/],
      [['--server', 'a:1', 'b:1', 'c:1'], /exclude each other/],
      [['--server', 'a:1', 'b:1'], /^top: --server and ADDRESS exclude each other$/],
    ] as const) {
      const { code, complaints } = await runTool(['top', ...words])
      expect(code).to.equal(64)
      expect(complaints[0]).to.match(complaint)
    }
  })
})
