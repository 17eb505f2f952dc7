// npm run bench: keepcached and memcached under the same load, one scenario after the other. See README.md.
import { writeFileSync } from 'node:fs'
import { HAS_MEMCASLAP } from './support/memcaslap.js'
import { runProgram } from './support/program.js'
import type { ServerKind } from './support/server-kinds.js'
import { idleConnectionBytes, idleConnectionCount } from './wire/idle.js'
import { measureLatency } from './wire/latency.js'
import { measure, measureMemcaslap, type Runs } from './wire/measure.js'
import { HELP, parseOptions } from './wire/options.js'
import {
  type IdleRow,
  idleLine,
  type LatencyRow,
  latencyLine,
  type Row,
  tableFoot,
  tableHead,
  tableRow,
} from './wire/report.js'
import { IDLE_SCENARIO, LATENCY_SCENARIOS, MEMCASLAP_SCENARIOS, SCENARIOS } from './wire/scenarios.js'

await runProgram('bench', HELP, bench)

async function bench(given: string[]): Promise<void> {
  const options = parseOptions(given)
  const isWanted = ({ name }: { readonly name: string }) => name.includes(options.scenario)
  const scenarios = SCENARIOS.filter(isWanted)
  const inC = MEMCASLAP_SCENARIOS.filter(isWanted)
  const paced = LATENCY_SCENARIOS.filter(isWanted)
  const wantsIdle = isWanted(IDLE_SCENARIO)
  if (scenarios.length + inC.length + paced.length === 0 && !wantsIdle)
    throw new Error(`no scenario is called ${options.scenario}`)
  const [own, beside] = options.kinds
  const kinds = beside === undefined ? [own] : [own, beside]

  const rows: Row[] = []
  const show = (scenario: string, [keepcached, memcached]: readonly Runs[]): void => {
    const row: Row = { scenario, keepcached: keepcached!, memcached }
    rows.push(row)
    console.log(tableRow(row))
  }
  if (scenarios.length + inC.length > 0) console.log(tableHead())
  for (const scenario of scenarios) show(scenario.name, await measure(scenario, kinds, options))
  if (!HAS_MEMCASLAP && inC.length > 0)
    console.log(
      'memcaslap is not installed (libmemcached-tools): the generator of all rows is the bench’s own',
    )
  else
    for (const { name, connectionCount } of inC)
      show(name, await measureMemcaslap(connectionCount, kinds, options))
  if (rows.length > 0) console.log(tableFoot())

  const latencies: LatencyRow[] = []
  for (const { name, connectionCount } of paced) {
    const [keepcached, memcached] = await measureLatency(connectionCount, kinds, options)
    const row: LatencyRow = { name, keepcached: keepcached!, memcached }
    latencies.push(row)
    console.log(latencyLine(row))
  }
  const idle = wantsIdle ? await measureIdle(own, beside) : undefined
  if (idle !== undefined) console.log(idleLine(idle))
  if (options.jsonFile !== undefined)
    writeFileSync(options.jsonFile, JSON.stringify({ rows, latencies, idle }, undefined, 2))
}

async function measureIdle(keepcached: ServerKind, memcached: ServerKind | undefined): Promise<IdleRow> {
  return {
    connectionCount: idleConnectionCount(),
    keepcachedBytes: await idleConnectionBytes(keepcached),
    memcachedBytes: memcached && (await idleConnectionBytes(memcached)),
  }
}
