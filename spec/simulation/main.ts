/**
 * npm run simulate -- --seeds 1000: many more runs than the spec has time for, or, with `--defects`, until each of
 * the defects has been found. What a process with `--report` writes to standard output is its report.
 */
import os from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readWords, refuseWords } from '../support/words.js'
import { DEFECTS } from './defects.js'
import { findDefect } from './find-defect.js'
import { inParallel, runInProcess } from './processes.js'
import { type RunReport, runSeeds, type SeedRange } from './run-seeds.js'

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const USAGE =
  'usage: npm run simulate -- [--seeds NUMBER] [--first SEED] [--operations NUMBER] [--seconds NUMBER] [--processes NUMBER] [--memories NUMBER] [--bail] [--defects [--only TEXT]]'

/** A server with a defect may loop without end. */
const DEFECT_SECONDS_MAX = 600

const { values } = readWords(USAGE, {
  seeds: { type: 'string', default: '200' },
  first: { type: 'string', default: '1' },
  operations: { type: 'string', default: '5000' },
  seconds: { type: 'string', default: '86400' },
  processes: { type: 'string', default: `${os.availableParallelism()}` },
  bail: { type: 'boolean', default: false },
  defects: { type: 'boolean', default: false },
  memories: { type: 'string' },
  only: { type: 'string', default: '' },
  report: { type: 'string' },
})
const range: SeedRange = {
  first: Number(values.first),
  count: Number(values.seeds),
  operationCount: Number(values.operations),
  memories: values.memories === undefined ? undefined : Number(values.memories),
  seconds: Number(values.seconds),
  secondsMax: Number(values.seconds) + 600,
  stopsAtFinding: values.bail,
}
const processCount = Number(values.processes)
if (!(range.count > 0 && range.operationCount > 0 && range.seconds > 0 && processCount > 0))
  refuseWords(USAGE)
if (values.report !== undefined)
  console.log(JSON.stringify(await runSeeds(JSON.parse(values.report) as SeedRange)))
else if (values.defects) await findAll()
else await runAll()

async function runAll(): Promise<void> {
  const begunMs = Date.now()
  const reports =
    processCount === 1
      ? [await runSeeds(range)]
      : await inParallel(stretches(), processCount, (part) => runInProcess(DIST, part))
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

/** The seeds, divided among the processes. */
function stretches(): SeedRange[] {
  const each = Math.ceil(range.count / processCount)
  return Array.from({ length: Math.ceil(range.count / each) }, (_, part) => ({
    ...range,
    first: range.first + part * each,
    count: Math.min(each, range.count - part * each),
  }))
}

async function findAll(): Promise<void> {
  const wanted = DEFECTS.filter(({ name }) => name.includes(values.only))
  const found = await inParallel(wanted, processCount, async (defect) => {
    const finding = await findDefect(defect, { ...range, secondsMax: DEFECT_SECONDS_MAX })
    const [line] = (finding?.message ?? '').split('\n')
    console.log(
      finding === undefined ? `NOT FOUND: ${defect.name}` : `seed ${finding.seed}: ${defect.name}: ${line}`,
    )
    return finding !== undefined
  })
  const foundCount = found.filter((isFound) => isFound).length
  console.log(`${foundCount} of ${wanted.length} defects were found`)
  if (foundCount < wanted.length) process.exitCode = 1
}
