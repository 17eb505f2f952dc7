/** `keepcached test-server`: a test server as a process, and its control by HTTP. */
import { once } from 'node:events'
import http from 'node:http'
import { expect } from 'chai'
import { Connection } from '../support/connection.js'
import { runTool } from '../support/tool.js'
import { ProgramFolder, startTool } from './programs.js'

interface Reply {
  readonly status: number
  readonly body: unknown
}

describe('keepcached test-server', () => {
  let tool: ReturnType<typeof startTool>
  let port = 0
  let control = 0

  before(async () => {
    const words = ['--port', '0', '--print-port', '--admin', '127.0.0.1:0', '--until-stdin-ends']
    tool = startTool('test-server', ...words, '--clock', 'manual', '--now', '2030-01-01', '--seed', '5')
    const [line] = await once(tool.stdout, 'data')
    const [, first, second] = /^(\d+) (\d+)\n$/.exec(`${line}`)!
    port = Number(first)
    control = Number(second)
  })
  after(() => {
    if (tool.exitCode === null) tool.kill()
  })
  afterEach(async () => {
    if (tool.exitCode !== null) return
    await ask('DELETE', 'faults')
    await ask('POST', 'clear')
    await ask('DELETE', 'requests')
  })

  function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: http.OutgoingHttpHeaders = {},
  ): Promise<Reply> {
    const { promise, resolve, reject } = withResolvers<Reply>()
    const options = { host: '127.0.0.1', port: control, method, path: `/test/${path}`, headers }
    const request = http.request(options, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode!, body: text === '' ? undefined : JSON.parse(text) })
    })
    request.once('error', reject)
    request.end(typeof body === 'string' ? body : body && JSON.stringify(body))
    return promise
  }

  async function talk(lines: string): Promise<string> {
    const connection = await Connection.open({ host: '127.0.0.1', port })
    connection.send(Buffer.from(lines))
    connection.endSide()
    const { bytes } = await connection.receiveRest()
    connection.close()
    return bytes.toString('latin1')
  }

  it('moves the clock', async () => {
    expect(await ask('GET', 'clock')).to.deep.equal({
      status: 200,
      body: { now: '2030-01-01T00:00:00.000Z' },
    })
    expect((await ask('POST', 'clock', { advance: '1h' })).body).to.deep.equal({
      now: '2030-01-01T01:00:00.000Z',
    })
    expect((await ask('POST', 'clock', { set: '2031-01-01' })).body).to.deep.equal({
      now: '2031-01-01T00:00:00.000Z',
    })
    for (const body of [{ advanse: 1 }, '{', { set: '2020-01-01' }])
      expect((await ask('POST', 'clock', body)).status).to.equal(400)
  })

  it('orders faults, with patterns and bytes, and takes them back', async () => {
    const faults = [
      { on: 'get', key: { pattern: '^USER:', flags: 'i' }, times: 1, then: { reply: { base64: '/0E=' } } },
      { on: 'set', then: 'out of memory' },
    ]
    const { body } = await ask('POST', 'faults', faults)
    const { ids } = body as { ids: number[] }
    expect(await talk('get user:1\r\nget user:1\r\nset a 0 0 1\r\n1\r\n')).to.equal(
      '\xffAEND\r\nSERVER_ERROR out of memory storing object\r\n',
    )
    expect((await ask('GET', 'faults')).body).to.deep.equal(
      [
        { id: ids[0], applied: 1, isUnused: false, ...faults[0] },
        { id: ids[1], applied: 1, isUnused: false, ...faults[1] },
      ].map((fault) => ('key' in fault ? { ...fault, then: { reply: { base64: '/0E=' } } } : fault)),
    )
    expect((await ask('DELETE', `faults/${ids[1]}`)).status).to.equal(204)
    expect(await talk('set a 0 0 1\r\n1\r\n')).to.equal('STORED\r\n')
    expect((await ask('POST', 'faults', { then: 'x' })).body)
      .to.have.property('error')
      .that.matches(/^then: "x" is no fault/)
    expect((await ask('POST', 'faults', { key: { pattern: '(' }, then: 'timeout' })).status).to.equal(400)
  })

  it('shows and empties the log, and shows connections and statistics', async () => {
    await talk('get a\r\n')
    const { body } = await ask('GET', 'requests')
    expect((body as { key: string }[]).map(({ key }) => key)).to.deep.equal(['a'])
    await ask('DELETE', 'requests')
    expect((await ask('GET', 'requests')).body).to.deep.equal([])
    const connection = await Connection.open({ host: '127.0.0.1', port })
    connection.send(Buffer.from('mn\r\n'))
    await connection.receive(4)
    const [{ number }] = (await ask('GET', 'connections')).body as [{ number: number }]
    expect((await ask('DELETE', `connections/${number}`)).body).to.deep.equal({ isDropped: true })
    await connection.receiveRest()
    connection.close()
    expect((await ask('GET', 'statistics')).body).to.include({ curr_items: '0' })
    expect((await ask('GET', 'statistics?group=settings')).body).to.include({ cas_enabled: 'yes' })
  })

  it('stores items and shows them, also those that are no text', async () => {
    await ask('POST', 'items', { a: 'x', b: { base64: '/w==' }, c: { value: { base64: 'eA==' }, flags: 5 } })
    const { body } = await ask('GET', 'items')
    expect((body as { cas: string }[]).map(({ cas: _, ...item }) => item)).to.deep.equal([
      { key: 'a', value: 'x', flags: 0, expiry: 0 },
      { key: 'b', value: { base64: '/w==' }, flags: 0, expiry: 0 },
      { key: 'c', value: 'x', flags: 5, expiry: 0 },
    ])
    await ask('POST', 'restart', { items: 'keep' })
    expect(await talk('get a\r\n')).to.equal('VALUE a 0 1\r\nx\r\nEND\r\n')
    await ask('POST', 'restart')
    expect(await talk('get a\r\n')).to.equal('END\r\n')
    for (const items of [[], { a: 1 }, { a: { base: 'x' } }, 'x'])
      expect((await ask('POST', 'items', items)).status, JSON.stringify(items)).to.equal(400)
  })

  it('refuses what it does not know, and what a web page could send', async () => {
    expect((await ask('GET', 'nothing')).status).to.equal(404)
    expect((await ask('GET', 'faults/')).status).to.equal(405)
    expect((await ask('DELETE', 'faults/first')).status).to.equal(404)
    expect((await ask('GET', 'requests?limit=1')).status).to.equal(400)
    expect((await ask('PUT', 'items')).status).to.equal(405)
    expect((await ask('POST', 'clear', {}, { origin: 'http://evil.example' })).status).to.equal(403)
    for (const host of ['evil.example', 'cache', '10.0.0.1'])
      expect((await ask('GET', 'items', undefined, { host })).status, host).to.equal(403)
    expect((await ask('GET', 'items', undefined, { host: 'localhost:1' })).status).to.equal(200)
  })

  it('names what is wrong with a body, and does nothing of it', async () => {
    const fine = { on: 'get', then: 'busy' }
    const wrong: readonly (readonly [path: string, body: unknown, message: RegExp])[] = [
      ['faults', { key: {}, then: 'busy' }, /^key\.pattern: undefined is not a string/],
      ['faults', { key: { pattern: 5 }, then: 'busy' }, /^key\.pattern: 5 is not a string/],
      ['faults', { key: { pattern: 'a', flags: 5 }, then: 'busy' }, /^key\.flags: 5 is not a string/],
      [
        'faults',
        { then: { reply: { base64: '@@@' } } },
        /^then\.reply\.base64: "@@@" is not bytes in base64/,
      ],
      ['faults', { then: { reply: { base64: 5 } } }, /^then\.reply\.base64: 5 is not/],
      [
        'faults',
        { then: { reply: { base64: 'AA', hex: 'A' } } },
        /^then\.reply\.hex: there is no such field/,
      ],
      ['faults', { then: { reply: ['X'] } }, /^then\.reply: an array is not a string or/],
      ['faults', [fine, { then: 'x' }], /^then: "x" is no fault/],
      ['faults', Array.from({ length: 1001 }, () => fine), /^a test server holds at most 1000 faults/],
      ['items', { a: { base64: 'AA', flags: 3 } }, /^items\["a"\]\.flags: there is no such field/],
      ['items', { a: { base64: '!!' } }, /^items\["a"\]\.base64: "!!" is not bytes in base64/],
      ['items', { a: { base64: 'AAA=A' } }, /^items\["a"\]\.base64: "AAA=A" is not/],
      ['items', { a: { value: { base64: 5 } } }, /^items\["a"\]\.value\.base64: 5 is not/],
      ['items', { a: { value: 5 } }, /^items\["a"\]\.value: 5 is not a string or/],
      ['items', { a: ['x'] }, /^items\["a"\]: an array is not/],
      ['items', { a: 'x', b: 5 }, /^items\["b"\]: 5 is not/],
      ['items', { a: 'x', b: 'x'.repeat(2_000_000) }, /^items\["b"\]: too large/],
      ['items', { a: { value: 'x', expiry: -1 } }, /^items\["a"\]\.expiry: -1 is not/],
      ['clear', { a: 1 }, /^body\.a: there is no such field; there are none$/],
      ['restart', { item: 'keep' }, /^body\.item: there is no such field/],
      ['restart', { items: true }, /^items: true is not one of keep, drop/],
      ['clock', {}, /^body: give either advance or set$/],
      ['clock', { advance: 1, set: '2040-01-01' }, /^body: give either advance or set$/],
      ['clock', { advance: 'soon' }, /^advance: "soon" is not/],
      ['clock', { set: 'soon' }, /^set: "soon" is not/],
    ]
    await ask('POST', 'items', { present: 'x' })
    for (const [path, body, message] of wrong) {
      const reply = await ask('POST', path, body)
      expect(reply.status, message.source).to.equal(400)
      expect((reply.body as { error: string }).error).to.match(message)
    }
    expect((await ask('GET', 'faults')).body).to.deep.equal([])
    expect((await ask('GET', 'items')).body).to.have.lengthOf(1)
    expect((await ask('POST', 'items', { a: { base64: 'AA' }, b: { base64: '' } })).status).to.equal(204)
  })

  it('refuses a body that is too long', async () => {
    const { status } = await ask('POST', 'items', 'x'.repeat(65 * 1024 * 1024)).catch(() => ({ status: 413 }))
    expect(status).to.equal(413)
  })

  it('answers what the admin listener of a server answers', async () => {
    const fetched = async (path: string, options: RequestInit = {}): Promise<[number, string]> => {
      const response = await fetch(`http://127.0.0.1:${control}${path}`, options)
      return [response.status, await response.text()]
    }
    expect(await fetched('/readyz')).to.deep.equal([200, '{"status":"ready"}\n'])
    expect((await fetched('/metrics'))[1]).to.match(/^memcached_current_items 0$/m)
    expect((await fetched('/'))[1]).to.match(/^<!doctype html>/)
    await ask('POST', 'faults', { then: 'out of memory' })
    const headers = { 'keepcached-ttl': '60' }
    expect((await fetched('/v1/items/a', { method: 'PUT', body: 'x', headers }))[0]).to.equal(204)
    expect(await fetched('/v1/items/a')).to.deep.equal([200, 'x'])
    expect((await ask('GET', 'requests')).body).to.deep.equal([])
    expect((await fetched('/v1/hotkeys'))[1]).to.match(/^\{"reads":/)
    await ask('POST', 'clock', { advance: 61 })
    expect((await fetched('/v1/items/a'))[0]).to.equal(404)
    expect((await fetched('/v1/items?prefix=a', { method: 'DELETE' }))[0]).to.equal(204)
  })

  it('ends when its standard input does', async () => {
    tool.stdin.end()
    const [code] = await once(tool, 'exit')
    expect(code).to.equal(0)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`ends in order at ${signal}, and says where it is to whoever reads it`, async () => {
      const other = startTool('test-server', '--port', '0', '--admin', '127.0.0.1:0')
      const [line] = await once(other.stdout, 'data')
      const place =
        /^keepcached: test server on 127\.0\.0\.1:(\d+), control on http:\/\/127\.0\.0\.1:\d+\/test\n$/
      expect(`${line}`).to.match(place)
      const connection = await Connection.open({ host: '127.0.0.1', port: Number(place.exec(`${line}`)![1]) })
      connection.send(Buffer.from('mn\r\n'))
      await connection.receive(4)
      other.kill(signal)
      expect(await once(other, 'exit')).to.deep.equal([0, null])
      await connection.receiveRest()
      connection.close()
    })

  it('ends in order though nobody reads its output any more', async () => {
    const other = startTool('test-server', '--port', '0')
    await once(other.stdout, 'data')
    other.stdout.destroy()
    await once(other.stdout, 'close')
    other.kill('SIGTERM')
    expect(await once(other, 'exit')).to.deep.equal([0, null])
  })

  it('ends by the signals that are no order to end', async () => {
    const other = startTool('test-server', '--port', '0')
    await once(other.stdout, 'data')
    other.kill('SIGQUIT')
    expect(await once(other, 'exit')).to.deep.equal([null, 'SIGQUIT'])
  })

  /** A tool with more words, and what its control answers to a request with these headers. */
  async function withControl(
    words: readonly string[],
    use: (statusOf: (headers: http.OutgoingHttpHeaders) => Promise<number>) => Promise<void>,
  ): Promise<void> {
    const other = startTool('test-server', '--port', '0', '--print-port', ...words)
    try {
      const [line] = await once(other.stdout, 'data')
      const port = Number(`${line}`.split(' ')[1])
      await use((headers) => {
        const { promise, resolve, reject } = withResolvers<number>()
        const request = http.get({ host: '127.0.0.1', port, path: '/test/clock', headers }, (response) => {
          response.resume()
          resolve(response.statusCode!)
        })
        request.once('error', reject)
        return promise
      })
    } finally {
      other.kill()
      await once(other, 'exit')
    }
  }

  it('ends at SIGUSR1, at which Node would open its debugger', async () => {
    const other = startTool('test-server', '--port', '0')
    await once(other.stdout, 'data')
    other.kill('SIGUSR1')
    expect(await once(other, 'exit')).to.deep.equal([0, null])
  })

  it('lets other machines control it if it is told so, but no name of a page', () =>
    withControl(['--admin', '0.0.0.0:0', '--admin-from-anywhere'], async (statusOf) => {
      for (const host of ['cache:80', 'localhost', '10.0.0.1:80', '[fe80::1]:80'])
        expect(await statusOf({ host }), host).to.equal(200)
      for (const host of ['evil.example', '10.0.0.1.evil.example:80'])
        expect(await statusOf({ host }), host).to.equal(403)
    }))

  it('lets other machines control it with a token', async () => {
    const folder = new ProgramFolder()
    const file = folder.write('token', 'a-token-of-the-specs\n')
    await withControl(['--admin', '0.0.0.0:0', '--admin-token', file], async (statusOf) => {
      expect(await statusOf({ host: 'cache.example' })).to.equal(401)
      expect(await statusOf({ authorization: 'Bearer a-token-of-the-specz' })).to.equal(401)
      const authorization = 'Bearer a-token-of-the-specs'
      expect(await statusOf({ host: 'cache.example', authorization })).to.equal(200)
    })
    folder.remove()
  })

  it('refuses wrong words', async () => {
    const wrong: readonly (readonly [readonly string[], number, RegExp])[] = [
      [['--admin', 'nowhere'], 64, /^--admin: nowhere is not HOST:PORT/],
      [['--admin', '127.0.0.1:70000'], 64, /^--admin: .* is not HOST:PORT/],
      [['--admin', '0.0.0.0:0'], 64, /^--admin: other machines can reach 0\.0\.0\.0/],
      [['--admin-token', 'file'], 64, /^--admin-token: .* --admin/],
      [
        ['--port', '0', '--admin', '127.0.0.1:0', '--admin-token', '/nowhere'],
        71,
        /^--admin-token: \/nowhere cannot be used/,
      ],
      [
        ['--port', '0', '--admin', '203.0.113.1:80', '--admin-from-anywhere'],
        71,
        /^cannot listen on 203.*--admin/,
      ],
      [['--port', '70000'], 64, /^--port: 70000 is not a number/],
      [['--clock', 'fake'], 64, /^test-server: clock: "fake"/],
      [['--now', 'soon'], 64, /^test-server: now: "soon"/],
      [['--host', '203.0.113.1', '--port', '0'], 71, /^cannot listen on 203\.0\.113\.1/],
    ]
    for (const [words, code, message] of wrong) {
      const result = await runTool(['test-server', ...words])
      expect([result.code, result.out]).to.deep.equal([code, ''])
      expect(result.complaints.join()).to.match(message)
    }
  })
})

function withResolvers<T>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}
