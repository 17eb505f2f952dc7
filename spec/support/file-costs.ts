/**
 * Preloaded with COSTS=FILE: appends a line to that file for each file of specs. It has the seconds of processor time, with those of
 * the processes that the specs started and waited for, the seconds that passed, and the name. `sort -rn FILE` shows the dearest.
 */
import { appendFileSync, readFileSync } from 'node:fs'

/** Fields of /proc/PID/stat, counted after the program's name (proc(5)): of this process, and of those it has waited for. */
const PROCESSOR_TIMES = [11, 12, 13, 14]
const TICKS_PER_SECOND = 100

function processorSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return PROCESSOR_TIMES.reduce((sum, index) => sum + Number(fields[index]), 0) / TICKS_PER_SECOND
}

// The first file of a process also has the start of mocha, and each one its imports.
let before = 0
let startedMs = performance.now()

export const mochaHooks = {
  /** Mocha runs it once for each file, because it runs files in parallel. */
  afterAll(this: Mocha.Context): void {
    const [first] = this.test!.parent!.suites
    const [spent, nowMs] = [processorSeconds(), performance.now()]
    const columns = [spent - before, (nowMs - startedMs) / 1000].map((each) => each.toFixed(1).padStart(8))
    appendFileSync(process.env['COSTS']!, `${columns.join('')}  ${first?.file?.replace(/^.*\/dist\//, '')}\n`)
    before = spent
    startedMs = nowMs
  },
}
