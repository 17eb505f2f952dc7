import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { ServerOptions } from '../../lib/options/table/options.js'
import { Server } from '../../lib/server/server.js'
import { exchange, statistic, statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { itemExtras, Op, request, statusOf } from '../support/frames.js'
import { pattern } from '../support/pattern.js'

const NOOP = request(Op.NOOP)
const set = (key: string, value: Buffer) => request(Op.SET, { key, value, extras: itemExtras() })

describe('A connection that sends nothing', function () {
  this.slow(4000)
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-idle-'))
  after(() => rmSync(folder, { recursive: true }))

  const places: readonly [name: string, options: Partial<ServerOptions>][] = [
    ['TCP', { port: 0 }],
    ['TCP, with -t 2', { port: 0, workers: 2 }],
    ['a unix socket', { socketPath: join(folder, 'socket') }],
  ]
  for (const [name, options] of places) {
    const start = (idleTimeoutSeconds: number) => Server.start({ ...options, idleTimeoutSeconds })
    const open = (server: Server) =>
      Connection.open(
        server.options.socketPath === null
          ? { host: '127.0.0.1', port: server.port }
          : { path: server.options.socketPath },
      )

    it(`is closed fully after idle_timeout, and counted (${name})`, async () => {
      await using server = await start(1)
      const [idle, half, late] = [await open(server), await open(server), await open(server)]
      const began = performance.now()
      half.send(NOOP.subarray(0, 10))
      late.pause()
      expect(statusOf(await exchange(idle, NOOP))).to.equal(0)
      expect((await idle.receiveRest()).ending).to.equal('end of stream')
      expect(performance.now() - began).to.be.within(990, 1490)
      expect((await half.receiveRest()).ending).to.equal('end of stream')
      expect(await idle.isRefusingBytes()).to.equal(true)
      const observer = await open(server)
      expect(await statistic(observer, 'idle_kicks')).to.equal(3)
      expect(await statistic(observer, 'curr_connections')).to.equal(1)
      for (const connection of [half, late, observer]) connection.close()
    })

    it(`is not closed while it sends a request now and then, or waits for its replies (${name})`, async () => {
      await using server = await start(1)
      const [lively, slow, slowly] = [await open(server), await open(server), await open(server)]
      await exchange(slow, set('key', pattern(900_000)))
      slow.pause()
      slow.send(Buffer.concat(Array.from({ length: 20 }, () => request(Op.GET, { key: 'key' }))))
      slowly.send(set('key', pattern(100_000)).subarray(0, 50_000))
      for (let n = 0; n < 6; n++) {
        await sleep(300)
        expect(statusOf(await exchange(lively, NOOP))).to.equal(0)
      }
      expect(await statistic(lively, 'idle_kicks')).to.equal(0)
      slow.resume()
      expect((await slow.receive(20 * (28 + 900_000))).length).to.equal(20 * (28 + 900_000))
      slowly.send(set('key', pattern(100_000)).subarray(50_000))
      expect(statusOf(await slowly.receive(24))).to.equal(0)
      for (const connection of [lively, slow, slowly]) connection.close()
    })
  }

  it('is never closed without idle_timeout, and idle rounds are not counted', async () => {
    await using server = await Server.start({ port: 0 })
    const connection = await Connection.open({ host: '127.0.0.1', port: server.port })
    await exchange(connection, NOOP)
    await sleep(1600)
    expect((await statistics(connection)).has('idle_kicks')).to.equal(false)
    expect((await statistics(connection, 'settings')).get('idle_timeout')).to.equal('0')
    connection.close()
  })
})
