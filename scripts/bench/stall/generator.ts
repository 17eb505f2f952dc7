// The process that loads a full server: generator.js PORT. It fills the server, measures how fast it is, and continues at a
// part of that speed until it is stopped. It sends a message when it has begun; each message after that requests the number
// of its sets.
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../../../spec/support/random.js'
import { Client } from '../support/client.js'
import { Filler } from '../support/filler.js'
import { MEMORY_MEGABYTES, mixedItems } from './mixed-items.js'

const CONNECTION_COUNT = 4
const BATCH_LENGTH = 16 * 1024
/** Also the time in which a fresh server finds its pace. */
const FULL_SPEED_MS = 4_000
/** At full speed, the probe would wait more for the core that it shares with this process than for the server. */
const SPEED_SHARE = 0.6

const port = Number(process.argv[2])
process.once('uncaughtException', (error) => {
  console.error(`stall: ${error.message}`)
  process.exit(1)
})
// The bench has ended, for whatever reason.
process.once('disconnect', () => process.exit())

// For the same reason.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL)

const items = mixedItems(new Random(1))
const fillers: Filler[] = []
for (let index = 0; index < CONNECTION_COUNT; index++)
  fillers.push(new Filler(await Client.connect(port), items))
await fillers[0]!.fillUp(MEMORY_MEGABYTES)

const batchCounts = await Promise.all(fillers.map((filler) => atFullSpeed(filler, FULL_SPEED_MS)))
const fullSpeedBatchMs = (FULL_SPEED_MS * CONNECTION_COUNT) / batchCounts.reduce((sum, count) => sum + count)
process.on('message', () => process.send?.(fillers.reduce((sum, { itemCount }) => sum + itemCount, 0)))
process.send?.('ready')
await Promise.all(fillers.map((filler) => atPace(filler, fullSpeedBatchMs / SPEED_SHARE)))

async function atFullSpeed(filler: Filler, ms: number): Promise<number> {
  const end = performance.now() + ms
  let batchCount = 0
  while (performance.now() < end) {
    await filler.store(BATCH_LENGTH)
    batchCount++
  }
  return batchCount
}

/** A batch each `batchMs` on average: timers wake late, but what is due is then sent at once. */
async function atPace(filler: Filler, batchMs: number): Promise<never> {
  let due = performance.now()
  while (true) {
    await filler.store(BATCH_LENGTH)
    due += batchMs
    const early = due - performance.now()
    if (early > 0) await sleep(early)
  }
}
