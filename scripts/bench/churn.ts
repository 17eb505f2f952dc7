// node scripts/bench.mjs churn: overwrites items that nearly fill the memory, again and again. See README.md.
import { parseArgs } from 'node:util'
import { Random } from '../../spec/support/random.js'
import { keyOf, Load, nextValueLength } from './churn/load.js'
import { Client } from './support/client.js'
import { Filler } from './support/filler.js'
import { moveToLoadCore } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { Server } from './support/server.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, ratioOf, tableLine } from './support/table.js'

const HELP = `node scripts/bench.mjs churn [OPTIONS]
Overwrites values of changing sizes that fill nine tenths of 64 MB: nothing may be evicted.

  --millions N        sets, in millions (5)
${SERVER_HELP}`

interface Churned {
  readonly itemCount: number
  readonly fillMicroseconds: number
  readonly churnMicroseconds: number
  readonly evictionCount: number
}

const MEMORY_MEGABYTES = 64
/** The share of the capacity that is stored. */
const SHARE = 0.9
/** So that neither compilation nor first use of memory is measured. */
const WARM_UP_FILLS = 3
/** One fill takes a fraction of a second. */
const MEASURED_FILLS = 5
const WIDTHS = [12, 10, 13, 13, 8, 12]

await runProgram('churn', HELP, async (given) => {
  const options = { millions: { type: 'string', default: '5' }, ...SERVER_OPTIONS } as const
  const { values } = parseArgs({ args: given, options })
  const setCount = positive('--millions', values.millions) * 1e6
  moveToLoadCore()
  console.log(tableLine(WIDTHS, ['', '', 'filling', 'churning', '', '']))
  console.log(tableLine(WIDTHS, ['', 'items', 'CPU µs/set', 'CPU µs/set', 'ratio', 'evictions']))
  for (const kind of serverKinds(values)) console.log(line(kind, await churn(kind, setCount)))
})

function line({ name }: ServerKind, churned: Churned): string {
  const { itemCount, fillMicroseconds, churnMicroseconds, evictionCount } = churned
  return tableLine(WIDTHS, [
    name,
    grouped(itemCount),
    fillMicroseconds.toFixed(2),
    churnMicroseconds.toFixed(2),
    ratioOf(churnMicroseconds, fillMicroseconds),
    grouped(evictionCount),
  ])
}

async function churn(kind: ServerKind, setCount: number): Promise<Churned> {
  const itemCount = Math.floor(SHARE * (await fittingCount(kind)))
  const server = await Server.start(kind, { memoryMegabytes: MEMORY_MEGABYTES, connectionCount: 1 })
  const client = await Client.connect(server.port)
  const load = new Load(client, server.pid, itemCount)
  let fillSeconds = 0
  for (let fillCount = 0; fillCount < WARM_UP_FILLS + MEASURED_FILLS; fillCount++) {
    if (fillCount > 0) await load.empty()
    const seconds = await load.fill()
    if (fillCount >= WARM_UP_FILLS) fillSeconds += seconds
  }
  const churnSeconds = await load.overwrite(setCount)
  const evictionCount = await client.statistic('evictions')
  client.close()
  await server.stop()
  return {
    itemCount,
    fillMicroseconds: (fillSeconds / (MEASURED_FILLS * itemCount)) * 1e6,
    churnMicroseconds: (churnSeconds / setCount) * 1e6,
    evictionCount,
  }
}

/** How many such items fit into an empty server of this kind. */
async function fittingCount(kind: ServerKind): Promise<number> {
  const server = await Server.start(kind, { memoryMegabytes: MEMORY_MEGABYTES, connectionCount: 1 })
  const client = await Client.connect(server.port)
  const random = new Random(1)
  const filler = new Filler(client, (index) => ({ key: keyOf(index), valueLength: nextValueLength(random) }))
  const count = await filler.fillUp(MEMORY_MEGABYTES)
  client.close()
  await server.stop()
  return count
}
