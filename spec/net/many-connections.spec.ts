import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'chai'
import { connect, lines, listen } from '../../lib/net/index.js'
import { eventually } from '../support/eventually.js'
import { Recorder } from './kit.js'

/** CONNECTIONS=10000 for a longer run. */
const COUNT = Number(process.env['CONNECTIONS'] ?? 2000)
const AT_ONCE = 50

describe('Thousands of short connections', function () {
  this.timeout(120_000)
  this.slow(60_000)

  it('leave no socket, no timer and no memory', async () => {
    // Sockets of other specs may still be closing.
    const socketsBefore = socketCount()
    const listener = await listen(
      lines(),
      { onMessage: (line, connection) => void connection.send(line) },
      { idleTimeoutMs: 60_000 },
    )
    const connectOnce = async (): Promise<number> => {
      const events = new Recorder()
      const connection = connect(lines(), events, {
        port: listener.port,
        idleTimeoutMs: 60_000,
        heartbeat: { message: '', intervalMs: 60_000 },
      })
      connection.send('hello')
      await connection.end()
      return events.messages.length
    }
    const run = async (count: number): Promise<number> => {
      let answered = 0
      for (let index = 0; index < count; index += AT_ONCE) {
        const answers = await Promise.all(Array.from({ length: AT_ONCE }, connectOnce))
        answered += answers.reduce((sum, each) => sum + each)
      }
      return answered
    }
    // What is compiled and cached once is no leak.
    await run(1000)
    const before = held()
    expect(await run(COUNT)).to.equal(COUNT)
    await listener.close()
    await eventually(true, async () => socketCount() <= socketsBefore)
    expect(listener.connections.size).to.equal(0)
    // Less than 100 bytes a connection, beyond what the heap varies by itself; the memory for reading alone is 64 KB each.
    expect(held() - before).to.be.below(300_000 + COUNT * 100)
  })
})

const socketCount = (): number =>
  process.getActiveResourcesInfo().filter((each) => each.startsWith('TCPSocket')).length

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that are still reachable. */
function held(): number {
  for (let round = 0; round < 3; round++) collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
