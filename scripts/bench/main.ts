// npm run bench: keepcached and memcached under the same load, one scenario after the other. See README.md.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { idleConnectionBytes, idleConnectionCount } from './wire/idle.js'
import { measure } from './wire/measure.js'
import { HELP, type Options, parseOptions } from './wire/options.js'
import { stopProcessesAtExit } from './wire/processes.js'
import { type IdleRow, idleLine, type Row, tableFoot, tableHead, tableRow } from './wire/report.js'
import { IDLE_SCENARIO, SCENARIOS } from './wire/scenarios.js'
import type { ServerKind } from './wire/server.js'

try {
  const options = parseOptions(process.argv.slice(2))
  if (options.wantsHelp) process.stdout.write(HELP)
  else await bench(options)
} catch (error) {
  console.error(`bench: ${(error as Error).message}`)
  process.exit(1)
}

async function bench(options: Options): Promise<void> {
  const scenarios = SCENARIOS.filter(({ name }) => name.includes(options.scenario))
  const wantsIdle = IDLE_SCENARIO.name.includes(options.scenario)
  if (scenarios.length === 0 && !wantsIdle) throw new Error(`no scenario is called ${options.scenario}`)
  if (process.platform !== 'linux')
    throw new Error('CPU time and memory are read from /proc: Linux is needed')
  stopProcessesAtExit()
  const keepcached: ServerKind = { name: 'keepcached', command: options.command }
  const memcached = installedMemcached(options.memcached)
  if (memcached === undefined)
    console.log(`${options.memcached} is not installed: keepcached is measured alone`)

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

function installedMemcached(path: string): ServerKind | undefined {
  if (spawnSync(path, ['-V']).status !== 0) return undefined
  // Started by root, it wants to be told whose rights to take.
  const isRoot = process.getuid?.() === 0
  return { name: 'memcached', command: isRoot ? [path, '-u', 'root'] : [path] }
}
