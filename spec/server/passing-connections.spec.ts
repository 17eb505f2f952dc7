import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { exchange } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { GET, live, openSetter, VALUE } from '../support/passing-lives.js'
import { useServer } from '../support/server.js'
import { URING_OBSTACLE } from '../support/uring.js'
import { withoutBareHandles } from '../support/without-bare-handles.js'

/** RUNS=100000 is the longer run. */
const COUNT = Number(process.env['RUNS'] ?? 3000)
/** With room for 8 MB of values, and for a heap that waits to be collected. */
const GROWTH_MAX = 20 * 1024 * 1024

/** What a server in this process holds that connections have brought. */
const heldBy = (server: Server) => ({
  windows: server['worker'].pool.takenCount,
  connections: server['worker'].table.counts.sum,
  rows: server['worker'].table.statistics(0).length,
  files: readdirSync('/proc/self/fd').length,
})

/** Closes without notice are seen by the server a moment later. */
const settled = (server: Server, wanted: string) =>
  eventually(wanted, async () => JSON.stringify(heldBy(server)))

async function passBy(count: number, ioUring = false): Promise<void> {
  await using server = await Server.start({ port: 0, memoryMegabytes: 64, ioUring })
  const setter = await openSetter(server.port)
  const before = JSON.stringify(heldBy(server))
  await live(server.port, count)
  await settled(server, before)
  expect((await exchange(setter, GET)).subarray(-VALUE.length).equals(VALUE)).to.equal(true)
  setter.close()
}

describe('Thousands of connections that come and go', function () {
  this.timeout(600_000)
  this.slow(60_000)
  const NODE_OPTIONS = `${process.env['NODE_OPTIONS'] ?? ''} --max-semi-space-size=1`
  const server = useServer({ options: ['-m', '8', '-t', '1'], environment: { NODE_OPTIONS } })

  it('leave no file, window or row behind', () => passBy(COUNT))

  it('leave none behind over sockets either', () => withoutBareHandles(() => passBy(Math.ceil(COUNT / 5))))

  it('leave none behind over io_uring, nor a request in its ring', async function () {
    if (URING_OBSTACLE !== undefined) return this.skip()
    await passBy(COUNT, true)
  })

  it('leave no memory behind', async () => {
    const setter = await openSetter(server().port)
    await live(server().port, Math.ceil(COUNT / 5))
    const residentBefore = server().residentLength
    await live(server().port, COUNT)
    expect(server().residentLength - residentBefore).to.be.lessThan(GROWTH_MAX)
    setter.close()
  })
})
