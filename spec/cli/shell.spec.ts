/** The commands for the shell, over both protocols. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { runSubCommand } from '../../lib/cli/run-sub-command.js'
import { ScriptedServer } from '../client/support/scripted-server.js'
import { eventually } from '../support/eventually.js'
import { startMemcached } from '../support/memcached.js'
import { pattern } from '../support/pattern.js'
import { MEMCACHED, needs } from '../support/peers.js'
import { type ServerProcess, startServer, useProcess, useServer } from '../support/server.js'
import { runTool } from '../support/tool.js'

type Options = readonly string[]

/** The specs for every server, in the protocol that the options choose. */
function answersIn(options: Options, server: () => ServerProcess): void {
  const prefix = options.includes('--text') ? 'text' : 'binary'
  const key = (name: string): string => `${prefix}:${name}`
  const run = (words: readonly string[], input?: Buffer) =>
    runTool([...words, '--server', `127.0.0.1:${server().port}`, ...options], input && { input })

  it('set stores, and get prints the value alone', async () => {
    expect(await run(['set', key('a'), 'blue'])).to.deep.include({ code: 0, out: '' })
    expect(await run(['get', key('a')])).to.deep.include({ code: 0, out: 'blue' })
  })

  it('get of a miss prints nothing, and exits with 1', async () => {
    expect(await run(['get', key('missing')])).to.deep.include({ code: 1, out: '', complaints: [] })
  })

  it('get of several keys prints one value after the other', async () => {
    await run(['set', key('x'), '1\n'])
    await run(['set', key('y'), '2\n'])
    expect(await run(['get', key('x'), key('y')])).to.deep.include({ code: 0, out: '1\n2\n' })
    expect(await run(['get', key('x'), key('missing')])).to.deep.include({ code: 1, out: '1\n' })
  })

  it('carries any bytes from standard input to standard output', async () => {
    const value = pattern(200_000)
    await run(['set', key('bytes')], value)
    const { bytes } = await run(['get', key('bytes')])
    expect(bytes.equals(value)).to.equal(true)
    await run(['set', key('bytes'), '-'], Buffer.from('\r\nEND\r\n'))
    expect((await run(['get', key('bytes')])).out).to.equal('\r\nEND\r\n')
  })

  it('set has the modes of the protocol, and exits with 1 when nothing is stored', async () => {
    expect((await run(['set', key('m'), 'x', '--replace'])).code).to.equal(1)
    expect((await run(['set', key('m'), 'x', '--append'])).code).to.equal(1)
    expect((await run(['set', key('m'), 'b', '--add'])).code).to.equal(0)
    expect((await run(['set', key('m'), 'x', '--add'])).code).to.equal(1)
    expect((await run(['set', key('m'), 'c', '--append'])).code).to.equal(0)
    expect((await run(['set', key('m'), 'a', '--prepend'])).code).to.equal(0)
    expect((await run(['get', key('m')])).out).to.equal('abc')
  })

  it('set stores flags, and with a cas only over that cas', async () => {
    await run(['set', key('c'), '1', '--flags', '4294967295'])
    const { cas, ...item } = JSON.parse((await run(['get', key('c'), '--json'])).out)
    expect(item).to.deep.equal({ key: key('c'), found: true, value: '1', flags: 4294967295 })
    expect((await run(['set', key('c'), '2', '--cas', `${cas + 1}`])).code).to.equal(1)
    expect((await run(['set', key('c'), '2', '--cas', `${cas}`])).code).to.equal(0)
  })

  it('a negative expiry ends the item at once', async () => {
    await run(['set', key('e'), 'v', '--expiry', '-1'])
    expect((await run(['get', key('e')])).code).to.equal(1)
    await run(['set', key('e'), 'v', '--expiry', '100'])
    expect((await run(['touch', key('e'), '-1'])).code).to.equal(0)
    expect((await run(['get', key('e')])).code).to.equal(1)
  })

  it('delete and touch exit with 1 for a miss', async () => {
    await run(['set', key('d'), 'v'])
    expect((await run(['touch', key('d'), '100'])).code).to.equal(0)
    expect((await run(['delete', key('d')])).code).to.equal(0)
    expect((await run(['delete', key('d')])).code).to.equal(1)
    expect((await run(['touch', key('d'), '100'])).code).to.equal(1)
  })

  it('incr counts up and down, and creates an item when given an initial value', async () => {
    expect(await run(['incr', key('n')])).to.deep.include({ code: 1, out: '' })
    expect(await run(['incr', key('n'), '--initial', '10'])).to.deep.include({ code: 0, out: '10\n' })
    expect((await run(['incr', key('n')])).out).to.equal('11\n')
    expect((await run(['incr', key('n'), '18446744073709551604'])).out).to.equal('18446744073709551615\n')
    expect((await run(['incr', key('n'), '-5'])).out).to.equal('18446744073709551610\n')
    expect((await run(['incr', key('n'), '--json'])).out).to.equal(
      `{"key":"${key('n')}","found":true,"number":18446744073709551611}\n`,
    )
  })

  it('decr counts down to 0, and up with a negative number', async () => {
    expect(await run(['decr', key('o')])).to.deep.include({ code: 1, out: '' })
    expect((await run(['decr', key('o'), '--initial', '10'])).out).to.equal('10\n')
    expect((await run(['decr', key('o')])).out).to.equal('9\n')
    expect((await run(['decr', key('o'), '-5'])).out).to.equal('14\n')
    expect((await run(['decr', key('o'), '4'])).out).to.equal('10\n')
    expect((await run(['decr', key('o'), '18446744073709551615'])).out).to.match(/^0 *\n$/)
  })

  it('incr of a text reports the error', async () => {
    await run(['set', key('t'), 'text'])
    const { code, complaints } = await run(['incr', key('t')])
    expect(code).to.equal(76)
    expect(complaints.join()).to.match(/^the server refuses: .*[Nn]on-numeric/)
  })

  it('prints JSON that holds any bytes', async () => {
    await run(['set', key('j')], Buffer.from('ff00', 'hex'))
    expect(JSON.parse((await run(['get', key('j'), '--json'])).out)).to.include({ base64: '/wA=' })
    expect((await run(['get', key('missing'), '--json'])).out).to.equal(
      `{"key":"${key('missing')}","found":false}\n`,
    )
    expect((await run(['delete', key('j'), '--json'])).out).to.equal(`{"key":"${key('j')}","deleted":true}\n`)
  })

  it('ping prints the version', async () => {
    expect(await run(['ping'])).to.deep.include({ code: 0 })
    expect((await run(['ping'])).out).to.match(/^1\.\d+\.\d+\n$/)
  })

  it('stats prints a name and a value in a line', async () => {
    expect((await run(['stats'])).out).to.match(/^pid \d+\n(\S+ .+\n)+$/)
    expect((await run(['stats', 'settings'])).out).to.match(/^maxbytes \d+$/m)
    expect(JSON.parse((await run(['stats', 'settings', '--json'])).out)).to.have.property(
      'item_size_max',
      '1048576',
    )
  })

  it('flush removes every item', async () => {
    await run(['set', key('f'), 'v'])
    expect((await run(['flush'])).code).to.equal(0)
    expect((await run(['get', key('f')])).code).to.equal(1)
  })
}

describe('the commands for the shell, with keepcached', () => {
  const server = useServer()
  answersIn([], server)

  const told = (words: readonly string[], environment = {}) => runTool(words, { environment })

  it('find the server by the operand, by --server and by the environment', async () => {
    const address = `127.0.0.1:${server().port}`
    expect((await told(['ping', address])).code).to.equal(0)
    expect((await told(['ping', '--server', address])).code).to.equal(0)
    expect((await told(['ping', `--server=${address}`])).code).to.equal(0)
    expect((await told(['ping'], { KEEPCACHED_SERVER: address })).code).to.equal(0)
    expect((await told(['stats', address, 'settings'])).out).to.match(/^maxbytes /)
  })

  it('flush only the items of a prefix', async () => {
    const run = (...words: string[]) => told(words, { KEEPCACHED_SERVER: `127.0.0.1:${server().port}` })
    for (const key of ['user:1', 'user:2', 'other']) await run('set', key, 'v')
    expect(await run('flush', '--prefix', 'user:')).to.deep.include({ code: 0, out: '' })
    expect((await run('get', 'user:1')).code).to.equal(1)
    expect((await run('get', 'other')).code).to.equal(0)
    expect((await run('flush', '--prefix', 'o', '--json')).out).to.equal('{"flushed":true,"prefix":"o"}\n')
    expect((await run('get', 'other')).code).to.equal(1)
    for (const words of [
      ['--prefix', ''],
      ['--prefix', 'a b'],
      ['--prefix', 'a', '--delay', '5'],
    ]) {
      const { code, complaints } = await run('flush', ...words)
      expect([code, complaints.length], words.join(' ')).to.deep.equal([64, 1])
    }
  })

  it('exit with 69 when no server answers, but ping with 1', async () => {
    for (const [command, code] of [
      ['stats', 69],
      ['flush', 69],
      ['ping', 1],
    ] as const) {
      const { code: got, complaints } = await told([command, '127.0.0.1:1'])
      expect(got, command).to.equal(code)
      expect(complaints.length).to.equal(1)
    }
  })

  it('refuse a statistics group that would change something', async () => {
    for (const group of ['reset', 'detail']) expect((await told(['stats', group])).code).to.equal(64)
  })

  it('refuse a key that no server takes', async () => {
    for (const key of ['', 'k'.repeat(251)])
      for (const protocol of [[], ['--text']])
        expect((await told(['get', key, ...protocol])).code).to.equal(64)
  })

  it('refuse what is not a number', async () => {
    for (const words of [
      ['touch', 'k', 'soon'],
      ['incr', 'k', '1.5'],
      ['set', 'k', 'v', '--flags', '4294967296'],
      ['set', 'k', 'v', '--expiry', 'x'],
      ['ping', '--timeout', '0'],
    ]) {
      const { code, complaints } = await told(words)
      expect({ code, count: complaints.length }, words.join(' ')).to.deep.equal({ code: 64, count: 1 })
    }
  })
})

describe('the commands for the shell, with a server that speaks text alone,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-shell-'))
  const users = join(folder, 'users')
  writeFileSync(users, 'joe:secret\n')
  after(() => rmSync(folder, { recursive: true }))
  const closed = useServer({ options: ['-Y', users] })
  const open = useServer({ options: ['-B', 'ascii'] })

  const told = (server: () => ServerProcess, ...words: string[]) =>
    runTool([...words, '--server', `127.0.0.1:${server().port}`, '--timeout', '500'])

  it('report that it wants a login in text', async () => {
    for (const [words, code] of [
      [['get', 'k', '--sasl', 'joe:secret'], 77],
      [['get', 'k'], 77],
      [['ping'], 1],
      [['check', '--sasl', 'joe:secret'], 77],
    ] as const)
      expect(await told(closed, ...words), words.join(' ')).to.deep.include({
        code,
        complaints: ['the server requires a login in text; give --text and --sasl'],
      })
    const login = ['--sasl', 'joe:secret', '--text']
    expect((await told(closed, 'set', 'k', 'v', ...login)).code).to.equal(0)
    expect((await told(closed, 'get', 'k', ...login)).out).to.equal('v')
  })

  it('report that it answers in text', async () => {
    expect(await told(open, 'get', 'k')).to.deep.include({
      code: 76,
      complaints: ['the server answers in text, not in binary; give --text'],
    })
  })
})

describe('the commands for the shell, over a unix socket', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-shell-'))
  after(() => rmSync(folder, { recursive: true }))
  const socketPath = join(folder, 'socket')
  useServer({ socketPath })

  it('find it by its path', async () => {
    expect((await runTool(['ping', socketPath])).code).to.equal(0)
    expect((await runTool(['ping', '--server', `unix:${socketPath}`])).code).to.equal(0)
  })
})

describe('the commands for the shell, with memcached', () => {
  needs(MEMCACHED)
  const server = useProcess(startMemcached)
  answersIn([], server)
  answersIn(['--text'], server)

  it('refuse keys that the text protocol cannot carry', async () => {
    const { code } = await runTool(['get', 'two words', '--text', '--server', `127.0.0.1:${server().port}`])
    expect(code).to.equal(64)
  })
})

describe('keys, with a server whose list is long', () => {
  it('reads no faster than it prints', async () => {
    const block = `key=${'k'.repeat(200)} exp=-1 la=1 cas=1 fetch=no cls=1 size=300\r\n`.repeat(1000)
    let sentCount = 0
    const sendBlock = (socket: Socket): void => {
      if (sentCount++ === 200) socket.write('END\r\n')
      else socket.write(block, () => sendBlock(socket))
    }
    const server = await ScriptedServer.start((socket) => socket.once('data', () => sendBlock(socket)))
    let printed = 0
    let mayGoOn = (): void => undefined
    const isHeld = new Promise<void>((resolve) => {
      mayGoOn = resolve
    })
    try {
      const listing = runSubCommand(['keys', server.name], {
        environment: {},
        input: (async function* () {})(),
        async write() {
          printed++
          if (printed === 1) await isHeld
        },
        terminal: undefined,
        showProgress: undefined,
        complain: expect.fail,
        interruption: () => new AbortController().signal,
      })
      await eventually(1, async () => printed)
      // The rest stays with the server: more than the buffers of the system hold.
      for (let before = -1; before < sentCount; await sleep(1000)) before = sentCount
      expect(sentCount).below(150)
      mayGoOn()
      expect(await listing).equal(0)
      expect(printed).equal(200_000)
    } finally {
      await server.stop()
    }
  })
})

describe('keys', () => {
  needs(MEMCACHED)
  const listings: Readonly<Record<string, Options>> = {
    'with a crawler': [],
    'without one': ['-o', 'no_lru_crawler,no_lru_maintainer'],
  }
  for (const [name, options] of Object.entries(listings)) {
    it(`prints the keys of a memcached ${name}`, async function () {
      this.slow(3000)
      const own = await startServer({ command: ['memcached', '-u', 'root', '-U', '0', ...options] })
      const address = `127.0.0.1:${own.port}`
      try {
        for (const key of ['a:1', 'a:2', 'b:1', 'per%cent', 'schön'])
          await runTool(['set', key, 'v', '--server', address])
        const sorted = async (...more: string[]) =>
          (await runTool(['keys', address, ...more])).out.split('\n').sort()
        expect(await sorted()).to.deep.equal(['', 'a:1', 'a:2', 'b:1', 'per%25cent', 'sch%c3%b6n'])
        expect(await sorted('--prefix', 'a:')).to.deep.equal(['', 'a:1', 'a:2'])
        expect((await sorted('--limit', '2')).length).to.equal(3)
        const json = (await sorted('--json', '--prefix', 'b')).at(-1)!
        expect(JSON.parse(json)).to.include({ key: 'b:1' })
      } finally {
        await own.stop()
      }
    })
  }
})
