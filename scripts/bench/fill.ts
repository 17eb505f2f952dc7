// node scripts/bench.mjs fill: how many items fit into memory before the first is evicted. See README.md.
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Client } from './support/client.js'
import { Filler, MEGABYTE } from './support/filler.js'
import { runProgram } from './support/program.js'
import { Server } from './support/server.js'
import { SERVER_HELP, SERVER_OPTIONS, type ServerKind, serverKinds } from './support/server-kinds.js'
import { grouped, NOTHING, ratioOf, tableLine } from './support/table.js'
import { residentBytes } from './support/usage.js'

const HELP = `node scripts/bench.mjs fill [OPTIONS]
How many items fit into memory before the first is evicted, and what a full server takes beyond that memory.

  --megabytes N       the memory (default: 64); beyond 3500 keepcached needs Node.js 22
  --value LENGTH      only items with values of this length

${SERVER_HELP}`

interface Shape {
  readonly keyLength: number
  readonly valueLength: number
}

interface Filled {
  readonly itemCount: number
  /** Resident memory of the full server, less its memory for items. */
  readonly bytesBeyond: number
}

const SHAPES: readonly Shape[] = [
  { keyLength: 16, valueLength: 32 },
  { keyLength: 32, valueLength: 200 },
  { keyLength: 32, valueLength: 512 },
  { keyLength: 32, valueLength: 4096 },
]
/** Stored after the first eviction, in parts of the memory, so that every page of it is in use. */
const OVERFILL = 1 / 4
const SETTLE_MS = 1_000
const WIDTHS = [14, 12, 12, 8, 15, 13]

await runProgram('fill', HELP, async (given) => {
  const own = { megabytes: { type: 'string', default: '64' }, value: { type: 'string' } } as const
  const { values } = parseArgs({ args: given, options: { ...SERVER_OPTIONS, ...own } })
  const memoryMegabytes = Number(values.megabytes)
  const shapes = SHAPES.filter(({ valueLength }) => [undefined, `${valueLength}`].includes(values.value))
  const [keepcached, memcached] = serverKinds(values)
  console.log(tableLine(WIDTHS, ['', 'memcached', 'keepcached', '', 'memcached', 'keepcached']))
  console.log(tableLine(WIDTHS, ['key + value', 'items', 'items', 'ratio', 'beyond -m', 'beyond -m']))
  for (const shape of shapes) {
    const filled = await fill(keepcached, memoryMegabytes, shape)
    const beside = memcached && (await fill(memcached, memoryMegabytes, shape))
    console.log(
      tableLine(WIDTHS, [
        `${shape.keyLength} + ${shape.valueLength}`,
        grouped(beside?.itemCount),
        grouped(filled.itemCount),
        ratioOf(filled.itemCount, beside?.itemCount),
        megabytes(beside?.bytesBeyond),
        megabytes(filled.bytesBeyond),
      ]),
    )
  }
})

async function fill(
  kind: ServerKind,
  memoryMegabytes: number,
  { keyLength, valueLength }: Shape,
): Promise<Filled> {
  const server = await Server.start(kind, { memoryMegabytes, connectionCount: 1 })
  const client = await Client.connect(server.port)
  const filler = new Filler(client, (index) => ({ key: `${index}`.padStart(keyLength, 'k'), valueLength }))
  const itemCount = await filler.fillUp(memoryMegabytes)
  await filler.store(memoryMegabytes * MEGABYTE * OVERFILL)
  await sleep(SETTLE_MS)
  const bytesBeyond = residentBytes(server.pid) - memoryMegabytes * MEGABYTE
  client.close()
  await server.stop()
  return { itemCount, bytesBeyond }
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? NOTHING : `${(bytes / MEGABYTE).toFixed(1)} MB`
}
