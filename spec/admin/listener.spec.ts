/** What the admin listener answers and refuses, whatever the route. */
import { connect, type Socket } from 'node:net'
import { expect } from 'chai'
import { openAdmin } from '../../lib/admin/open-admin.js'
import { ADMIN_HEADERS_MS_MAX } from '../../lib/request/limits.js'
import type { AdminAccess } from '../../lib/server/admin-access.js'
import { AdminServer, errorOf, TOKEN, useAdmin } from '../support/admin.js'
import { MAIN } from '../support/program.js'
import { runServer } from '../support/server.js'

const UNKNOWN_PATHS = ['/index.html', '/page', '/page/', '/page/no.js', '/healthz/..']

describe('the admin listener without a token', () => {
  const admin = useAdmin()

  it('says whether it answers, and whether the server serves', async () => {
    const health = await admin().send('/healthz')
    const ready = await admin().send('/readyz')
    expect([health.status, health.text, ready.status, ready.text]).to.deep.equal([
      200,
      '{"status":"ok"}\n',
      200,
      '{"status":"ready"}\n',
    ])
  })

  it('answers HEAD as GET, without a body', async () => {
    const { status, headers, text } = await admin().send('/healthz', { method: 'HEAD' })
    expect([status, headers['content-length'], text]).to.deep.equal([200, '16', ''])
  })

  it('serves no path outside its table', async () => {
    for (const path of [...UNKNOWN_PATHS, '/metrics/', '/../healthz', '//healthz', '/v1', '/debug/pprof'])
      expect((await admin().send(path)).status, path).to.equal(404)
  })

  it('refuses other methods, and names those that there are', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const reply = await admin().send('/metrics', { method })
      expect([reply.status, reply.headers['allow']], method).to.deep.equal([405, 'GET, HEAD'])
      expect(errorOf(reply)).to.equal('only GET, HEAD can be used here')
    }
  })

  it('refuses parameters that a route does not have', async () => {
    const reply = await admin().send('/v1/stats?group=items')
    expect([reply.status, errorOf(reply)]).to.deep.equal([
      400,
      'group: no such parameter; there are none here',
    ])
    expect(errorOf(await admin().send('/v1/stats?%zz=1'))).to.match(/two hexadecimal digits/)
  })

  it('answers only a loopback name, so that no page can reach it by a name of its own', async () => {
    for (const host of ['localhost', 'localhost:80', '127.0.0.1:1', '[::1]:80', 'LOCALHOST'])
      expect((await admin().send('/metrics', { headers: { host } })).status, host).to.equal(200)
    for (const host of [
      'rebound.example',
      'rebound.example:80',
      'localhost.example',
      '127.0.0.1.example',
      '10.0.0.1',
    ])
      expect((await admin().send('/metrics', { headers: { host } })).status, host).to.equal(403)
    expect(await admin().sendBytes('GET /metrics HTTP/1.0\r\n\r\n')).to.match(/^HTTP\/1\.1 403 .*/)
  })

  it('lets no other origin read, and lets no response be taken for a page', async () => {
    const { headers } = await admin().send('/v1/stats', { headers: { origin: 'http://other.example' } })
    expect(headers).to.not.have.property('access-control-allow-origin')
    expect(headers).to.include({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })

  it('keeps connections open, and answers several requests of one', async () => {
    const one = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const text = await admin().sendBytes(
      `${one}${one}${one.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
    )
    expect(text.match(/HTTP\/1\.1 200 OK/g)).to.have.length(3)
  })

  it('refuses what is no HTTP, and headers that are too long', async () => {
    expect(await admin().sendBytes('version\r\n')).to.match(
      /^HTTP\/1\.1 400 .*this is no request of HTTP\/1\.1"}\n$/s,
    )
    const long = `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(9000)}\r\n\r\n`
    expect(await admin().sendBytes(long)).to.match(/^HTTP\/1\.1 431 .*8192 bytes are the most/s)
  })

  it('refuses what it cannot meet, with a sentence', async () => {
    const reply = await admin().send('/healthz', { headers: { expect: '200-ok' } })
    expect([reply.status, errorOf(reply)]).to.deep.equal([417, 'Expect: only 100-continue can be expected'])
  })

  it('cuts off a client that sends its request too slowly', async function () {
    this.timeout(ADMIN_HEADERS_MS_MAX + 30_000)
    this.slow(ADMIN_HEADERS_MS_MAX + 10_000)
    const text = await admin().sendBytes('GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ')
    expect(text).to.match(/^HTTP\/1\.1 408 .*the request came too slowly/s)
  })
})

describe('the connections of the admin listener', () => {
  it('have a bound: those beyond it are closed, until others end', async () => {
    const access = { options: { adminWrite: false }, isServing: true, isTaking: true }
    const place = { host: '127.0.0.1', port: 0, connectionCountMax: 3, isToken: undefined }
    const listener = await openAdmin(access as unknown as AdminAccess, place)
    const port = Number(listener.address.split(':')[1])
    const open = async (): Promise<Socket | undefined> => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
      const isAnswered = await new Promise((resolve) => {
        socket.once('data', () => resolve(true))
        socket.once('close', () => resolve(false))
      })
      return isAnswered ? socket : undefined
    }
    const sockets = [await open(), await open(), await open()]
    expect(sockets.includes(undefined)).to.equal(false)
    expect(await open()).to.equal(undefined)
    sockets[0]!.destroy()
    let again = await open()
    while (again === undefined) again = await open()
    for (const socket of [...sockets, again]) socket!.destroy()
    await listener.close()
  })

  it('leave most files of the process to the clients of the cache', async () => {
    const { code, stderr } = await runServer(['-p', '0', '--admin', '127.0.0.1:0', '-c', '4000'], {
      command: [
        'sh',
        '-c',
        // Ends the server once it has printed the line, however slow the machine is.
        `ulimit -n 400; log=$(mktemp); "$@" -v 2> "$log" & pid=$!
          for turn in $(seq 100); do grep -q 'may open files' "$log" && break; sleep 0.1; done
          kill $pid; wait; cat "$log" >&2; rm "$log"`,
        'sh',
        process.execPath,
        MAIN,
      ],
    })
    const [, room] = /-c: this process may open files for (\d+) connections only/.exec(stderr) ?? []
    expect(Number(room), `${code} ${stderr}`).to.be.within(100, 300)
  })
})

describe('the admin listener with a token', () => {
  const admin = useAdmin({ hasToken: true })

  it('requires it on every path but those about health', async () => {
    for (const path of ['/metrics', '/v1/stats']) {
      const reply = await admin().send(path)
      expect([reply.status, reply.headers['www-authenticate']]).to.deep.equal([401, 'Bearer'])
      expect(errorOf(reply)).to.match(/^Authorization: Bearer/)
      expect((await admin().sendWithToken(path)).status).to.equal(200)
    }
    for (const path of ['/healthz', '/readyz']) expect((await admin().send(path)).status).to.equal(200)
  })

  it('accepts it in the header only, and no other one', async () => {
    const wrong = [
      { authorization: `Bearer ${TOKEN}x` },
      { authorization: `Bearer ${TOKEN.slice(0, -1)}` },
      { authorization: 'Bearer ' },
      { authorization: `Basic ${TOKEN}` },
      { authorization: TOKEN },
      { cookie: `token=${TOKEN}` },
    ]
    for (const headers of wrong)
      expect((await admin().send('/metrics', { headers })).status, JSON.stringify(headers)).to.equal(401)
    expect((await admin().send(`/metrics?token=${TOKEN}`)).status).to.equal(401)
  })

  it('answers any name of the machine', async () => {
    expect((await admin().sendWithToken('/metrics', { headers: { host: 'cache.example' } })).status).to.equal(
      200,
    )
  })
})

describe('the end of the admin listener', () => {
  it('comes with that of the server, and closes its connections', async () => {
    const admin = await AdminServer.start()
    const socket = connect(admin.port, '127.0.0.1')
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    const half = connect(admin.port, '127.0.0.1')
    half.write('GET /healthz HTTP/1.1\r\n')
    const closed = Promise.all(
      [socket, half].map((each) => new Promise((resolve) => each.once('close', resolve))),
    )
    for (const each of [socket, half]) each.on('error', () => undefined)
    await admin.stop()
    await closed
    expect(await admin.send('/healthz').catch(({ code }) => code)).to.equal('ECONNREFUSED')
  })
})
