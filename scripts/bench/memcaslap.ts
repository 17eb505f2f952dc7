// node scripts/bench.mjs memcaslap: what does a request cost under a load generator in C? See README.md.
import { parseArgs } from 'node:util'
import { HAS_MEMCASLAP, runMemcaslap } from './support/memcaslap.js'
import { CAN_PIN } from './support/processes.js'
import { positive, runProgram } from './support/program.js'
import { SERVER_HELP, SERVER_OPTIONS, serverKinds } from './support/server-kinds.js'
import { NOTHING, tableLine } from './support/table.js'
import { cpuMicroseconds, median } from './wire/figures.js'

const HELP = `node scripts/bench.mjs memcaslap [OPTIONS]
CPU time of a server per request, under memcaslap: nine gets to a set, binary protocol, values of 1 KiB, one request in
flight on each connection.

  --pairs N           how often each server is measured, in turn (5)
  --seconds N         how long each time (4)
  --connections LIST  how many connections, with commas between (50,1000)
${SERVER_HELP}`

const WIDTHS = [14, 14, 14, 9, 16]

await runProgram('memcaslap', HELP, async (given) => {
  const { values } = parseArgs({
    args: given,
    options: {
      pairs: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '50,1000' },
      ...SERVER_OPTIONS,
    },
  })
  if (!HAS_MEMCASLAP) throw new Error('memcaslap is not installed (libmemcached-tools)')
  const seconds = positive('--seconds', values.seconds)
  const pairCount = positive('--pairs', values.pairs)
  if (!CAN_PIN) console.log('not pinned to cores: the load may take time from the server')
  const kinds = serverKinds(values)
  console.log(tableLine(WIDTHS, ['connections', ...kinds.map(({ name }) => name), 'ratio', 'spread']))
  for (const text of values.connections.split(',')) {
    const connectionCount = positive('--connections', text)
    const costs = kinds.map((): number[] => [])
    for (let pair = 0; pair < pairCount; pair++)
      for (const [index, kind] of kinds.entries())
        costs[index]!.push(cpuMicroseconds(await runMemcaslap(kind, connectionCount, seconds)))
    console.log(line(connectionCount, costs))
  }
})

function line(connectionCount: number, costs: readonly (readonly number[])[]): string {
  const [own, beside] = costs
  const medians = costs.map((of) => `${median(of).toFixed(2)} µs`)
  const ratios = beside?.map((cost, pair) => own![pair]! / cost) ?? []
  const shown = (value: number | undefined): string => value?.toFixed(2) ?? NOTHING
  const spread = ratios.length === 0 ? NOTHING : `${shown(Math.min(...ratios))}–${shown(Math.max(...ratios))}`
  return tableLine(WIDTHS, [
    `${connectionCount}`,
    ...medians,
    ratios.length === 0 ? NOTHING : shown(median(ratios)),
    spread,
  ])
}
