import { Finding } from './finding.js'
import { Simulation } from './simulation.js'
import { Interleaving } from './threads/interleaving.js'

export interface SeedRange {
  readonly first: number
  readonly count: number
  readonly operationCount: number
  /** In how many memories all servers have their items; undefined: the seed decides. */
  readonly memories?: number | undefined
  /** No further seed is started after this time. */
  readonly seconds: number
  /** A process is ended after this time: it hangs. */
  readonly secondsMax: number
  /** No further seed is started after the first finding. */
  readonly stopsAtFinding: boolean
}

export interface RunReport {
  seedCount: number
  operationCount: number
  startCount: number
  /** The same for the same seeds. */
  digest: number
  readonly findings: SeedFinding[]
}

export interface SeedFinding {
  readonly seed: number
  readonly message: string
}

/** One of this many seeds is a run with threads, which takes longer. */
const THREADED_EVERY = 10

/** Runs one seed after the other. */
export async function runSeeds(range: SeedRange): Promise<RunReport> {
  const report: RunReport = { seedCount: 0, operationCount: 0, startCount: 0, digest: 0, findings: [] }
  const begunNs = process.hrtime.bigint()
  for (let seed = range.first; seed < range.first + range.count; seed++) {
    if (Number(process.hrtime.bigint() - begunNs) / 1e9 > range.seconds) break
    const simulation =
      seed % THREADED_EVERY === 0 ? new Interleaving(seed) : new Simulation(seed, range.memories)
    try {
      await simulation.run(range.operationCount)
    } catch (error) {
      report.findings.push({ seed, message: messageOf(error as Error) })
    }
    report.seedCount++
    report.operationCount += simulation.operationCount
    report.startCount += simulation.startCount
    report.digest ^= simulation.digest
    if (range.stopsAtFinding && report.findings.length > 0) break
  }
  return report
}

/** An error of lib is found with the place where it was thrown. */
const messageOf = (error: Error): string =>
  error instanceof Finding ? error.message : (error.stack ?? error.message)
