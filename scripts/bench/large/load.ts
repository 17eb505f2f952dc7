// The process that loads one server: load.js PORT SERVER-PID. Each message is a task; the reply is its result.
import { getPriority, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../../../spec/support/random.js'
import { Client } from '../support/client.js'
import { Filler, MEGABYTE } from '../support/filler.js'
import { Generator, type Run } from '../wire/generator.js'
import { itemAt } from './items.js'
import { RandomGets } from './random-gets.js'

export interface Tasks {
  /** Stores items until one is evicted. Returns how many were stored before. */
  fillUp(memoryMegabytes: number): Promise<number>
  /** Stores further items. Returns how many are stored, with those before. */
  store(megabytes: number): Promise<number>
  /** Gets random items of all that are stored. */
  get(seconds: number): Promise<GetsRun>
  /** Stores some of the items again each second, until the process ends. */
  renew(itemsPerSecond: number): Promise<void>
}

export interface GetsRun extends Run {
  readonly missCount: number
}

/** As many as in the scenarios of `npm run bench`. */
const CONNECTION_COUNT = 50
const RENEW_EVERY_MS = 5
/** Of the scale of `nice`. */
const LESS_URGENT = 10

const [port, serverPid] = process.argv.slice(2).map(Number) as [number, number]
process.once('uncaughtException', (error) => {
  console.error(`large: ${error.message}`)
  process.exit(1)
})
// The bench has ended, for whatever reason.
process.once('disconnect', () => process.exit())

// The probe shares the core with this process, and must not be late.
setPriority(getPriority() + LESS_URGENT)

const filler = new Filler(await Client.connect(port), itemAt)
const generator = new Generator(serverPid)
const connections: RandomGets[] = []

const tasks: Tasks = {
  fillUp: (memoryMegabytes) => filler.fillUp(memoryMegabytes),

  async store(megabytes) {
    for (let stored = 0; stored < megabytes; stored++) await filler.store(MEGABYTE)
    return filler.itemCount
  },

  async get(seconds) {
    if (connections.length === 0)
      await generator.open(CONNECTION_COUNT, async (_, onAnswered) => {
        const opened = await RandomGets.open(port, filler.itemCount, onAnswered)
        connections.push(opened)
        return opened
      })
    const before = missCount()
    const run = await generator.run(seconds)
    return { ...run, missCount: missCount() - before }
  },

  async renew(itemsPerSecond) {
    const random = new Random(1)
    const { itemCount } = filler
    const renewing = new Filler(await Client.connect(port), () => itemAt(random.below(itemCount)))
    void renewForEver(renewing, itemsPerSecond)
  },
}

process.on('message', async ([name, argument]: [keyof Tasks, number]) =>
  process.send?.((await tasks[name](argument)) ?? 'begun'),
)
process.send?.('ready')

const missCount = (): number => connections.reduce((sum, connection) => sum + connection.missCount, 0)

async function renewForEver(renewing: Filler, itemsPerSecond: number): Promise<never> {
  const start = performance.now()
  while (true) {
    const dueCount = ((performance.now() - start) / 1000) * itemsPerSecond
    if (renewing.itemCount < dueCount) await renewing.store(1)
    else await sleep(RENEW_EVERY_MS)
  }
}
