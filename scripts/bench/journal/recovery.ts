import { Random } from '../../../spec/support/random.js'
import { Client } from '../support/client.js'
import { Filler, MEGABYTE } from '../support/filler.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'

export interface RecoveryFigures {
  readonly itemCount: number
  readonly byteLength: number
  readonly seconds: number
}

const MEMORY_MEGABYTES = 1024
const STEP_LENGTH = MEGABYTE
const NEEDS = { memoryMegabytes: MEMORY_MEGABYTES, connectionCount: 1 }

/** Fills a server, kills it, and measures how long the next one takes to recover. */
export async function recoveryFigures(kind: ServerKind, megabytes: number): Promise<RecoveryFigures> {
  const random = new Random(1)
  const first = await Server.start(kind, NEEDS)
  const client = await Client.connect(first.port)
  const filler = new Filler(client, (index) => ({ key: `key:${index}`, valueLength: 50 + random.below(400) }))
  for (let step = 0; step < megabytes; step++) await filler.store(STEP_LENGTH)
  process.kill(first.pid, 'SIGKILL')
  client.close()
  await first.stop()
  const second = await Server.start(kind, NEEDS)
  const asking = await Client.connect(second.port)
  const figures = await recovered(asking)
  asking.close()
  await second.stop()
  return figures
}

/** What the server of the client has loaded. */
export async function recovered(client: Client): Promise<RecoveryFigures> {
  return {
    itemCount: await client.statistic('recovered_items', 'journal'),
    byteLength: await client.statistic('recovered_bytes', 'journal'),
    seconds: (await client.statistic('recovery_ms', 'journal')) / 1000,
  }
}
