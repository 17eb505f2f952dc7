import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Counter } from '../../lib/metrics/counters.js'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { line } from '../support/text-replies.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024

describe('A line of keys that is longer than a window', () => {
  const KEYS = 'abc123def '.repeat(5000)
  let kit: WorkerKit
  let client: ClientWithoutSocket
  let other: ClientWithoutSocket

  beforeEach(() => {
    kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto' })
    client = new ClientWithoutSocket(kit.worker)
    other = new ClientWithoutSocket(kit.worker)
  })

  afterEach(() => {
    client.connection.closed()
    other.connection.closed()
  })

  const REFUSED_GET = Buffer.alloc(24)
  REFUSED_GET[0] = 0x80
  for (const [what, request] of [
    ['what is refused', REFUSED_GET],
    ['a quiet request', line('set key 0 0 1 noreply\r\nx')],
  ] as const)
    it(`is refused even if another connection asks ${what} while it arrives`, () => {
      expect(client.ask(Buffer.from(`gat x ${KEYS}`))).to.equal('')
      other.ask(request)
      expect(client.ask(line(''))).to.equal('CLIENT_ERROR invalid exptime argument\r\n')
      expect(client.ask(line('mn'))).to.equal('MN\r\n')
    })

  it('may have 1 MiB of keys, and closes its connection beyond that', () => {
    client.ask(Buffer.from(`get${' k'.repeat(MEGABYTE / 2)}`))
    expect(client.isDestroyed).to.equal(false)
    client.ask(Buffer.from(' '))
    expect(client.isDestroyed).to.equal(true)
  })

  it('closes its connection if there is no window for it, which is counted', () => {
    const { worker } = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto', windowCount: 6 })
    const wire = new WireByHand(worker)
    wire.receive(`get ${KEYS.repeat(10)}`)
    expect([wire.isDestroyed, worker.counters.read(Counter.read_buf_oom)]).to.deep.equal([true, 1])
  })

  it('may be followed by watch', () => {
    expect(client.ask(line(`get ${KEYS}\r\nmn\r\nwatch`))).to.equal('END\r\nMN\r\nOK\r\n')
    expect(other.ask(line('mn'))).to.equal('MN\r\n')
  })

  it('counts all the windows that its connection holds, while it arrives and while it is answered', async () => {
    const { worker } = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'auto', requestsPerTurn: 1 })
    const free = worker.pool.takenCount
    const wire = new WireByHand(worker)
    const heldCount = () => worker.pool.takenCount - free
    wire.receive(`get ${KEYS}`)
    expect([wire.connection.windowCount, heldCount()]).to.deep.equal([2, 2])
    wire.receive('\r\n')
    let turnCount = 0
    while (wire.text === '') {
      expect(wire.connection.windowCount).to.equal(heldCount())
      turnCount++
      await nextTurn()
    }
    expect(turnCount).to.be.above(10)
    expect([wire.connection.windowCount, heldCount()]).to.deep.equal([0, 0])
  })
})
