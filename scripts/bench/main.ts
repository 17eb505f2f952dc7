// npm run bench: keepcached and memcached under the same load, one scenario after the other. See README.md.
import { writeFileSync } from 'node:fs'
import { runProgram } from './support/program.js'
import type { ServerKind } from './support/server-kinds.js'
import { idleConnectionBytes, idleConnectionCount } from './wire/idle.js'
import { measure } from './wire/measure.js'
import { HELP, parseOptions } from './wire/options.js'
import { type IdleRow, idleLine, type Row, tableFoot, tableHead, tableRow } from './wire/report.js'
import { IDLE_SCENARIO, SCENARIOS } from './wire/scenarios.js'

await runProgram('bench', HELP, bench)

async function bench(given: string[]): Promise<void> {
  const options = parseOptions(given)
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(options.scenario))
  const wantsIdle = IDLE_SCENARIO.name.includes(options.scenario)
  if (scenarios.length === 0 && !wantsIdle) throw new Error(`no scenario is called ${options.scenario}`)
  const [keepcached, memcached] = options.kinds

  const rows: Row[] = []
  if (scenarios.length > 0) console.log(tableHead())
  for (const scenario of scenarios) {
    const kinds = memcached === undefined ? [keepcached] : [keepcached, memcached]
    const [own, beside] = await measure(scenario, kinds, options)
    const row: Row = { scenario: scenario.name, keepcached: own!, memcached: beside }
    rows.push(row)
    console.log(tableRow(row))
  }
  if (scenarios.length > 0) console.log(tableFoot())

  const idle = wantsIdle ? await measureIdle(keepcached, memcached) : undefined
  if (idle !== undefined) console.log(idleLine(idle))
  if (options.jsonFile !== undefined)
    writeFileSync(options.jsonFile, JSON.stringify({ rows, idle }, undefined, 2))
}

async function measureIdle(keepcached: ServerKind, memcached: ServerKind | undefined): Promise<IdleRow> {
  return {
    connectionCount: idleConnectionCount(),
    keepcachedBytes: await idleConnectionBytes(keepcached),
    memcachedBytes: memcached && (await idleConnectionBytes(memcached)),
  }
}
