/** Items over HTTP: values as they are, with flags, cas and ttl in headers. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { ADMIN_VALUE_LENGTH_MAX, ADMIN_VALUES_LENGTH_MAX } from '../../lib/request/limits.js'
import { AdminServer, errorOf, TOKEN, useAdmin } from '../support/admin.js'

/** What the server answers to lines of text. */
async function say(admin: AdminServer, lines: string, end: string): Promise<string> {
  const connection = await admin.connect()
  connection.send(Buffer.from(lines, 'latin1'))
  const text = (await connection.receiveUntil(Buffer.from(end))).toString('latin1')
  connection.close()
  return text
}

for (const workers of [1, 2])
  describe(`items over HTTP with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({
      hasToken: true,
      adminWrite: true,
      workers,
      memoryMegabytes: 128,
      itemSizeMax: 2 ** 25,
    })
    const get = (key: string, method = 'GET') => admin().sendWithToken(`/v1/items/${key}`, { method })
    const put = (key: string, body: Uint8Array | string, headers: Record<string, string> = {}) =>
      admin().sendWithToken(`/v1/items/${key}`, { method: 'PUT', body, headers })
    const remove = (key: string, headers: Record<string, string> = {}) =>
      admin().sendWithToken(`/v1/items/${key}`, { method: 'DELETE', headers })

    it('are returned as clients of the cache have stored them', async () => {
      await say(admin(), 'set sky 42 100 6\r\nbl\r\n\0e\r\n', 'STORED\r\n')
      const reply = await get('sky')
      expect([reply.status, reply.body.toString('latin1')]).to.deep.equal([200, 'bl\r\n\0e'])
      expect(reply.headers).to.include({
        'content-type': 'application/octet-stream',
        'content-length': '6',
        'keepcached-flags': '42',
      })
      expect(Number(reply.headers['keepcached-ttl'])).to.be.within(90, 100)
      expect(reply.headers['etag']).to.equal(`"${reply.headers['keepcached-cas']}"`)
      expect(await say(admin(), 'gets sky\r\n', 'END\r\n')).to.include(
        ` 6 ${reply.headers['keepcached-cas']}\r\n`,
      )
    })

    it('are found by clients of the cache when they were stored here', async () => {
      const { status, headers } = await put('sea', 'green', {
        'keepcached-flags': '4294967295',
        'keepcached-ttl': '100',
      })
      expect(status).to.equal(204)
      const text = await say(admin(), 'mg sea v f t c\r\n', '\r\ngreen\r\n')
      expect(text).to.match(/^VA 5 f4294967295 t(?:100|9\d) c\d+\r\ngreen\r\n$/)
      expect(text).to.include(` c${headers['keepcached-cas']}\r\n`)
    })

    it('are flushed by their prefix, of any bytes', async () => {
      const flush = (query: string) => admin().sendWithToken(`/v1/items${query}`, { method: 'DELETE' })
      for (const key of ['a:1', 'a:2', 'b:1', '%FF%01']) await put(key, 'x')
      expect((await flush('?prefix=a:')).status).to.equal(204)
      expect((await flush('?prefix=%ff')).status).to.equal(204)
      const left = await Promise.all(
        ['a:1', 'a:2', 'b:1', '%FF%01'].map(async (key) => (await get(key)).status),
      )
      expect(left).to.deep.equal([404, 404, 200, 404])
      for (const query of ['', '?prefix=', `?prefix=${'k'.repeat(251)}`]) {
        const reply = await flush(query)
        expect([reply.status, errorOf(reply)]).to.deep.equal([400, 'prefix: give 1 to 250 bytes'])
      }
      expect((await get('b:1')).status).to.equal(200)
    })

    it('of more prefixes than may be open are flushed as they are swept', async () => {
      const replies = await Promise.all(
        Array.from({ length: 150 }, (_, index) =>
          admin().sendWithToken(`/v1/items?prefix=many:${index}:`, { method: 'DELETE' }),
        ),
      )
      expect(new Set(replies.map(({ status }) => status))).to.deep.equal(new Set([204]))
    })

    it('are shown by HEAD without the value, and are missing after DELETE', async () => {
      await put('old', 'x'.repeat(1000))
      const head = await get('old', 'HEAD')
      expect([head.status, head.headers['content-length'], head.body.length]).to.deep.equal([200, '1000', 0])
      expect(head.headers['keepcached-ttl']).to.equal('-1')
      expect((await remove('old')).status).to.equal(204)
      for (const reply of [await get('old'), await get('old', 'HEAD'), await remove('old')])
        expect(reply.status).to.equal(404)
      expect(errorOf(await get('old'))).to.equal('there is no item with this key')
    })

    it('may have keys of any bytes, percent-encoded', async () => {
      for (const [path, key] of [
        ['a/b//c', 'a/b//c'],
        ['%2e%2E/%ff%00%20', '../\xff\0 '],
        ['..', '..'],
        ['a+b', 'a+b'],
        ['k'.repeat(250), 'k'.repeat(250)],
      ] as const) {
        expect((await put(path, 'here')).status, path).to.equal(204)
        // A key in base64 must not be longer than one that is not.
        const base64 = `${Buffer.from(key, 'latin1').toString('base64')} b`
        const line = `mg ${path === key ? key : base64} v\r\nmn\r\n`
        expect(await say(admin(), line, 'MN\r\n')).to.equal('VA 4\r\nhere\r\nMN\r\n')
      }
      for (const path of ['', '%', '%4', '%g0', 'k'.repeat(251), '%00'.repeat(251)])
        expect((await put(path, 'here')).status, path).to.equal(400)
    })

    it('may be empty, and as long as they can be read again', async () => {
      for (const length of [0, 1, 16_383, 32_518, 32_519, 65_536, 1_000_000, ADMIN_VALUE_LENGTH_MAX]) {
        const value = Buffer.alloc(length, 'a long value, ')
        expect((await put('long', value)).status, `${length}`).to.equal(204)
        const reply = await get('long')
        expect(reply.headers['content-length']).to.equal(`${length}`)
        expect(reply.body.equals(value), `${length}`).to.equal(true)
      }
    })

    it('are refused beyond that, whether the length is announced or not', async () => {
      const long = Buffer.alloc(ADMIN_VALUE_LENGTH_MAX + 1)
      const announced = await put('longer', '', { 'content-length': `${long.length}` }).catch(
        (error) => error,
      )
      expect(errorOf(announced)).to.equal(
        `the value is too long: here ${ADMIN_VALUE_LENGTH_MAX} bytes are the most`,
      )
      const chunked = await put('longer', long, { 'transfer-encoding': 'chunked' })
      expect([announced.status, chunked.status]).to.deep.equal([413, 413])
      await say(admin(), `set longest 0 0 ${long.length}\r\n${long.toString('latin1')}\r\n`, 'STORED\r\n')
      expect((await get('longest')).status).to.equal(413)
      const head = await get('longest', 'HEAD')
      expect([head.status, head.headers['content-length']]).to.deep.equal([200, `${long.length}`])
    })

    it('change only if they have the cas that If-Match names', async () => {
      const { headers: first } = await put('number', '1')
      const { headers: second } = await put('number', '2', { 'if-match': first['etag'] as string })
      expect(second['etag']).to.be.a('string').that.does.not.equal(first['etag'])
      for (const reply of [
        await put('number', '3', { 'if-match': first['etag'] as string }),
        await remove('number', { 'if-match': first['etag'] as string }),
      ])
        expect([reply.status, errorOf(reply)]).to.deep.equal([412, 'If-Match: the item has another cas'])
      expect((await get('number')).text).to.equal('2')
      expect((await remove('number', { 'if-match': second['keepcached-cas'] as string })).status).to.equal(
        204,
      )
      expect((await put('number', '3', { 'if-match': second['etag'] as string })).status).to.equal(404)
    })

    it('change only if they are there or not, with If-Match and If-None-Match of any', async () => {
      const any = { 'if-match': '*' }
      const none = { 'if-none-match': '*' }
      const long = 'x'.repeat(100_000)
      const refused = await put('new', 'a', any)
      expect([refused.status, errorOf(refused)]).to.deep.equal([404, 'there is no item with this key'])
      expect((await put('new', long, none)).status).to.equal(204)
      for (const body of ['b', long]) {
        const reply = await put('new', body, none)
        expect([reply.status, errorOf(reply)]).to.deep.equal([
          412,
          'If-None-Match: there is an item with this key',
        ])
      }
      expect((await get('new')).text).to.equal(long)
      expect((await put('new', 'c', any)).status).to.equal(204)
      expect((await get('new')).text).to.equal('c')
      expect((await remove('new', any)).status).to.equal(204)
      expect((await put('new', long, any)).status).to.equal(404)
      for (const [headers, sentence] of [
        [{ 'if-none-match': '"17"' }, 'If-None-Match: give *, for an item that is not there'],
        [{ ...any, ...none }, 'If-None-Match: give it without If-Match'],
        [{ 'if-match': '"17' }, 'If-Match: give one cas, such as "17", or *'],
        [{ 'if-match': '17"' }, 'If-Match: give one cas, such as "17", or *'],
      ] as const) {
        const reply = await put('new', 'd', headers)
        expect([reply.status, errorOf(reply)]).to.deep.equal([400, sentence])
      }
      expect((await remove('new', none)).status).to.equal(400)
    })

    it('are refused to a client that reads no response before it has sent everything', async () => {
      const length = ADMIN_VALUE_LENGTH_MAX + 1
      for (const token of [TOKEN, 'wrong']) {
        const head = `PUT /v1/items/long HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${token}\r\n`
        const text = await admin().sendBytes(`${head}Content-Length: ${length}\r\n\r\n${'x'.repeat(length)}`)
        expect(text).to.match(token === TOKEN ? /^HTTP\/1\.1 413 / : /^HTTP\/1\.1 401 /)
      }
    })

    it('may have a cas of 64 bits', async () => {
      await say(admin(), 'ms big 1 E18446744073709551615\r\nx\r\n', 'HD\r\n')
      const { headers } = await get('big')
      expect(headers['etag']).to.equal('"18446744073709551615"')
      expect((await put('big', 'y', { 'if-match': '"18446744073709551614"' })).status).to.equal(412)
      expect((await put('big', 'y', { 'if-match': '"18446744073709551615"' })).status).to.equal(204)
    })

    it('may live for longer than thirty days, and not at all by mistake', async () => {
      await put('later', 'x', { 'keepcached-ttl': '10000000' })
      expect(Number((await get('later')).headers['keepcached-ttl'])).to.be.within(9_999_990, 10_000_000)
      await put('later', 'x', { 'keepcached-ttl': '-1' })
      expect((await get('later')).headers['keepcached-ttl']).to.equal('-1')
    })

    it('are not stored with headers that are wrong', async () => {
      for (const [name, value, sentence] of [
        ['Keepcached-Flags', '4294967296', 'Keepcached-Flags: give a number from 0 to 4294967295'],
        ['Keepcached-Flags', '-1', 'Keepcached-Flags: give a number from 0 to 4294967295'],
        ['Keepcached-Ttl', '1.5', 'Keepcached-Ttl: give a number from -1 to 1000000000'],
        ['Keepcached-Ttl', '-2', 'Keepcached-Ttl: give a number from -1 to 1000000000'],
        ['If-Match', '"0"', 'If-Match: give one cas, such as "17", or *'],
        ['If-Match', '"18446744073709551616"', 'If-Match: give one cas, such as "17", or *'],
      ] as const) {
        const reply = await put('wrong', 'x', { [name]: value })
        expect([reply.status, errorOf(reply)], value).to.deep.equal([400, sentence])
      }
      expect((await get('wrong')).status).to.equal(404)
    })

    it('leave nothing behind when the client goes away in the middle', async () => {
      const values = 2 * (ADMIN_VALUES_LENGTH_MAX / ADMIN_VALUE_LENGTH_MAX)
      for (let count = 0; count < values; count++) {
        const head = `PUT /v1/items/cut HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer a-token-of-the-specs\r\nContent-Length: ${ADMIN_VALUE_LENGTH_MAX}\r\n\r\n`
        await admin().sendPart(head, ADMIN_VALUE_LENGTH_MAX - 1)
      }
      expect((await get('cut')).status).to.equal(404)
      expect((await put('cut', Buffer.alloc(ADMIN_VALUE_LENGTH_MAX))).status).to.equal(204)
    })
  })

describe('writing items over HTTP', () => {
  const admin = useAdmin({ hasToken: true })

  it('is refused without --admin-write, but reading is not', async () => {
    await say(admin(), 'set sky 0 0 4\r\nblue\r\n', 'STORED\r\n')
    for (const method of ['PUT', 'DELETE']) {
      const reply = await admin().sendWithToken('/v1/items/sky', {
        method,
        body: method === 'PUT' ? 'x' : '',
      })
      expect([reply.status, errorOf(reply)]).to.deep.equal([
        403,
        'changes are off; start the server with --admin-write',
      ])
    }
    expect((await admin().sendWithToken('/v1/items/sky')).text).to.equal('blue')
  })

  it('is refused without the token, and so is reading', async () => {
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await admin().send('/v1/items/sky', { method })).status).to.equal(401)
  })

  it('is answered once the journal has it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-admin-items-'))
    const options = { dataDirectory: join(folder, 'data'), hasToken: true, adminWrite: true }
    const first = await AdminServer.start(options)
    for (const key of ['kept', 'gone'])
      await first.sendWithToken(`/v1/items/${key}`, { method: 'PUT', body: key })
    await first.sendWithToken('/v1/items/gone', { method: 'DELETE' })
    await first.stop()
    const second = await AdminServer.start(options)
    expect((await second.sendWithToken('/v1/items/kept')).text).to.equal('kept')
    expect((await second.sendWithToken('/v1/items/gone')).status).to.equal(404)
    await second.stop()
    rmSync(folder, { recursive: true })
  })
})

describe('items over HTTP of a server without cas', () => {
  const admin = useAdmin({ hasToken: true, adminWrite: true, casEnabled: false })

  it('have no ETag, and no condition', async () => {
    const stored = await admin().sendWithToken('/v1/items/sky', { method: 'PUT', body: 'blue' })
    const { headers } = await admin().sendWithToken('/v1/items/sky')
    for (const each of [stored.headers, headers]) expect(each).to.not.have.any.keys('etag', 'keepcached-cas')
    const reply = await admin().sendWithToken('/v1/items/sky', {
      method: 'DELETE',
      headers: { 'if-match': '"1"' },
    })
    expect([reply.status, errorOf(reply)]).to.deep.equal([400, 'If-Match: items have no cas here (-C)'])
  })
})
