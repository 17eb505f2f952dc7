import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { runServer, startServer, useServer } from '../support/server.js'
import { line } from '../support/text-replies.js'

describe('A text login', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-logins-'))
  const file = join(folder, 'logins')
  // The last line has no end.
  writeFileSync(file, 'foo:bar\nann:pa:ss\njoe:se cret:x')
  after(() => rmSync(folder, { recursive: true }))
  const server = useServer({ options: ['-Y', file] })
  let connection: Connection
  beforeEach(async () => {
    connection = await server().connect()
  })
  afterEach(() => connection.close())

  async function expectReplies(...exchanges: readonly (readonly [request: string, reply: string])[]) {
    for (const [request, reply] of exchanges) {
      connection.send(line(request))
      const expected = line(reply)
      expect((await connection.receive(expected.length)).toString('latin1')).to.equal(`${reply}\r\n`)
    }
  }

  const login = (words: string) => `set any 0 0 ${words.length}\r\n${words}`

  it('must be the first request', async () => {
    await expectReplies(
      ['get foo', 'CLIENT_ERROR unauthenticated'],
      ['version', 'CLIENT_ERROR unauthenticated'],
      ['set foo 0 0', 'CLIENT_ERROR unauthenticated'],
      [login('foo bar'), 'STORED'],
      ['get any', 'END'],
      ['set any 0 0 3\r\nabc', 'STORED'],
      ['get any', 'VALUE any 0 3\r\nabc\r\nEND'],
    )
  })

  it('may be repeated after a failure', async () => {
    await expectReplies(
      [login('foobar'), 'CLIENT_ERROR bad authentication token format'],
      [login('foo baz'), 'CLIENT_ERROR authentication failure'],
      [login('fo bar'), 'CLIENT_ERROR authentication failure'],
      [
        'set any 0 0 7\r\nfoo barxx',
        'CLIENT_ERROR bad command line termination\r\nCLIENT_ERROR unauthenticated',
      ],
      [login('joe se cret:x'), 'STORED'],
      ['mg none', 'EN'],
    )
  })

  it('has a name that ends at the first colon of its line, and a password that ends with the line', async () => {
    await expectReplies(
      [login('ann:pa ss'), 'CLIENT_ERROR authentication failure'],
      [login('ann pa'), 'CLIENT_ERROR authentication failure'],
      [login('ann pa:s'), 'CLIENT_ERROR authentication failure'],
      [login('ann pa:ss'), 'STORED'],
    )
  })

  it('that is announced as too long is refused at once', async () => {
    await expectReplies(
      ['set any 0 0 2147483646', 'CLIENT_ERROR auth token too long'],
      [login('foo bar'), 'STORED'],
    )
  })

  it('is accepted wherever it is cut', async () => {
    for (const byte of Buffer.from('set foo 0 0 7\r\nfoo bar\r\n')) await connection.sendAll(Buffer.of(byte))
    expect(`${await connection.receive(8)}`).to.equal('STORED\r\n')
  })

  it('excludes binary clients', async () => {
    connection.send(Buffer.concat([Buffer.of(0x80), Buffer.alloc(23)]))
    connection.send(line(''))
    expect(`${await connection.receive(30)}`).to.equal('CLIENT_ERROR unauthenticated\r\n')
  })

  it('uses the file as it was at the last HUP', async () => {
    writeFileSync(file, 'foo:bar\nnew:word\n')
    await expectReplies([login('new word'), 'CLIENT_ERROR authentication failure'])
    process.kill(server().pid, 'SIGHUP')
    const isLoggedIn = await eventually(true, async () => {
      connection.send(line(login('new word')))
      const reply = await connection.receive(8)
      if (`${reply}` === 'STORED\r\n') return true
      await connection.receive(line('CLIENT_ERROR authentication failure').length - 8)
      return false
    })
    expect(isLoggedIn).to.equal(true)
  })

  it('keeps its users when a HUP finds none in the file, and logs it', async () => {
    const own = join(folder, 'own')
    writeFileSync(own, 'foo:bar\n')
    const running = await startServer({ options: ['-Y', own, '-t', '2'] })
    const client = await running.connect()
    client.send(line('version'))
    // Now all threads have read the file.
    await client.receive(line('CLIENT_ERROR unauthenticated').length)
    writeFileSync(own, '')
    process.kill(running.pid, 'SIGHUP')
    const sentence = `keepcached: -Y: ${own} holds no line name:password; the logins that were read before stay in force\n`
    expect(await eventually(sentence, async () => running.output)).to.equal(sentence)
    client.send(line('set foo 0 0 7\r\nfoo bar'))
    expect(`${await client.receive(8)}`).to.equal('STORED\r\n')
    client.close()
    await running.stop()
  })

  it('is counted, and so are its failures', async () => {
    await expectReplies(
      [login('foo baz'), 'CLIENT_ERROR authentication failure'],
      [login('foo bar'), 'STORED'],
    )
    connection.send(line('stats'))
    const stats = (await connection.receiveUntil(line('END'))).toString('latin1')
    expect(Number(/auth_cmds (\d+)/.exec(stats)![1])).greaterThan(1)
    expect(Number(/auth_errors (\d+)/.exec(stats)![1])).greaterThan(0)
  })

  it('needs a user in the file, and no binary clients', async () => {
    writeFileSync(join(folder, 'empty'), '\n')
    for (const options of [
      ['-Y', join(folder, 'none')],
      ['-Y', join(folder, 'empty')],
      ['-Y', file, '-B', 'binary'],
      ['-Y', file, '-B', 'auto'],
    ])
      expect((await runServer(['-p', '0', ...options])).code, options.join(' ')).to.not.equal(0)
  })
})
