/**
 * npm run simulate -- --seeds 1000: many more runs than the spec has time for. With several processes each takes every
 * so manyth stretch of seeds. What one of them writes to standard output is its report.
 */
import { spawn } from 'node:child_process'
import os from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type RunReport, runSeeds, type SeedRange } from './run-seeds.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    operations: { type: 'string', default: '5000' },
    seconds: { type: 'string', default: 'Infinity' },
    processes: { type: 'string', default: `${os.availableParallelism()}` },
    'stop-at-finding': { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
})
const range: SeedRange = {
  first: Number(values.first),
  count: Number(values.seeds),
  operationCount: Number(values.operations),
  seconds: Number(values.seconds),
  stopsAtFinding: values['stop-at-finding'],
}
const processCount = Math.min(Number(values.processes), range.count)
if (!(range.count > 0 && range.operationCount > 0 && range.seconds > 0 && processCount > 0)) {
  console.error(
    'usage: npm run simulate -- [--seeds NUMBER] [--first SEED] [--operations NUMBER] [--seconds NUMBER] [--processes NUMBER]',
  )
  process.exit(1)
}
if (values.report) console.log(JSON.stringify(await runSeeds(range)))
else await runAll()

async function runAll(): Promise<void> {
  const begunMs = Date.now()
  const reports = processCount === 1 ? [await runSeeds(range)] : await Promise.all(parts().map(runInProcess))
  const sum = (count: (report: RunReport) => number): string =>
    reports.reduce((total, report) => total + count(report), 0).toLocaleString('en')
  const findings = reports.flatMap((report) => report.findings)
  for (const { seed, message } of findings) {
    console.log(`seed ${seed}: ${message}`)
    console.log(`  again: npm run simulate -- --seeds 1 --first ${seed} --operations ${range.operationCount}`)
  }
  console.log(
    `${sum(({ seedCount }) => seedCount)} seeds, ${sum(({ operationCount }) => operationCount)} operations, ` +
      `${sum(({ startCount }) => startCount)} starts, ${findings.length} findings, ${(Date.now() - begunMs) / 1000} s`,
  )
  if (findings.length > 0) process.exitCode = 1
}

/** A stretch of the seeds for each process. */
function parts(): SeedRange[] {
  const each = Math.ceil(range.count / processCount)
  return Array.from({ length: processCount }, (_, part) => ({
    ...range,
    first: range.first + part * each,
    count: Math.max(0, Math.min(each, range.count - part * each)),
  })).filter(({ count }) => count > 0)
}

function runInProcess({ first, count, operationCount, seconds }: SeedRange): Promise<RunReport> {
  const given = { seeds: count, first, operations: operationCount, seconds, processes: 1 }
  const options = Object.entries(given).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const program = fileURLToPath(import.meta.url)
  const child = spawn(process.execPath, [program, '--report', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (text: Buffer) => {
    said += text
  })
  return new Promise((resolve, reject) => {
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(said) as RunReport)
      else reject(new Error(`a process of the simulation ended with code ${code}`))
    })
  })
}
