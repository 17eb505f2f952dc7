import { expect } from 'chai'
import type { ServerProcess } from '../support/server.js'
import { Crowd, HOSTILITIES, type Hostility } from './crowd.js'
import { startServer } from './hostile-server.js'
import { OrdinaryClients } from './ordinary-clients.js'

const HOSTILE_COUNT = 1000
const ORDINARY_COUNT = 20
const REQUESTS_EACH = 14

/** The speed of replies depends on the machine: npm run hostile measures it. */
describe('Twenty ordinary clients are served while a thousand hostile ones', function () {
  this.timeout(120_000)
  this.slow(20_000)

  let server: ServerProcess
  let stop: () => Promise<void>
  // One after another: each crowd finds what the ones before it have left.
  before(async () => {
    ;({ server, stop } = await startServer(['--changes', '1m']))
  })
  after(() => stop())

  async function endure(hostilities: readonly Hostility[]): Promise<void> {
    const crowd = await Crowd.gather(server, hostilities, HOSTILE_COUNT)
    const ordinary = new OrdinaryClients()
    await ordinary.run(server, ORDINARY_COUNT, REQUESTS_EACH)
    crowd.disperse()
    expect(ordinary.failures).to.deep.equal([])
    expect(ordinary.requestCount).to.equal(ORDINARY_COUNT * REQUESTS_EACH)
    expect(server.isRunning).to.equal(true)
  }

  for (const hostility of HOSTILITIES) it(hostility.name, () => endure([hostility]))

  it('do any of that, all at once', () => endure(HOSTILITIES))
})
