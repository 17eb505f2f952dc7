import { expect } from 'chai'
import { exchange, statistics } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { Op, request, statusOf } from '../support/frames.js'
import { type ServerProcess, useServer } from '../support/server.js'

/** Each keeps a window of 32 KiB: sixty of them are twice what a megabyte holds. */
const COUNT = 60
const MEBIBYTE = 1024 * 1024

describe('Buffers', () => {
  const limited = useServer({ options: ['-t', '1', '-o', 'read_buf_mem_limit=1'] })
  const free = useServer({ options: ['-t', '1'] })

  async function withHalfRequests(server: ServerProcess, look: (asking: Connection) => Promise<void>) {
    const asking = await server.connect()
    const halves: Connection[] = []
    for (let count = 0; count < COUNT; count++) {
      const half = await server.connect()
      half.send(Buffer.from('get half'))
      halves.push(half)
    }
    await look(asking)
    for (const half of halves) half.close()
    asking.close()
  }

  const statistic = async (asking: Connection, name: string) => Number((await statistics(asking)).get(name))

  it('stay within their limit: a connection that needs one beyond it is closed and counted', async () => {
    await withHalfRequests(limited(), async (asking) => {
      const isReached = async () => (await statistic(asking, 'read_buf_oom')) > COUNT / 3
      expect(await eventually(true, isReached)).to.equal(true)
      expect(await statistic(asking, 'read_buf_bytes')).to.be.at.most(MEBIBYTE)
      expect(statusOf(await exchange(asking, request(Op.NOOP)))).to.equal(0)
    })
    const other = await limited().connect()
    expect(statusOf(await exchange(other, request(Op.NOOP)))).to.equal(0)
    expect((await statistics(other, 'settings')).get('read_buf_mem_limit')).to.equal(`${MEBIBYTE}`)
    other.close()
  })

  it('are available to each connection without a limit', async () => {
    await withHalfRequests(free(), async (asking) => {
      const isReached = async () => (await statistic(asking, 'read_buf_bytes')) > MEBIBYTE
      expect(await eventually(true, isReached)).to.equal(true)
      expect(await statistic(asking, 'read_buf_oom')).to.equal(0)
    })
  })
})
