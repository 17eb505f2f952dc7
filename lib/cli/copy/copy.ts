/** `keepcached copy FROM TO`: all items of a server to another one, and the comparison of the two. */
import { percentDecoded } from '../../client/changes/percent.js'
import { isSystemError, reasonOf } from '../../journal/disk/system-error.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { withPercents } from '../shell/percents.js'
import { compareItem } from './compare-item.js'
import { copyItem } from './copy-item.js'
import { type CopyPlan, copyPlanOf, nameOf } from './copy-plan.js'
import { Flight } from './flight.js'
import { KeyList, type ListedKey } from './key-list.js'
import { listKeys } from './list-keys.js'
import { PassProgress } from './pass-progress.js'
import { Side } from './side.js'
import { KeyError } from './source-and-target.js'
import { jsonReport, peopleReport, Tally, WORDS } from './tally.js'

export const copy: Run = async (given, io) => {
  const plan = copyPlanOf(given, io)
  const run = new CopyRun(plan, io)
  const startMs = performance.now()
  await run.run()
  const { copies, isDry, compares, isJson } = plan
  const seconds = (performance.now() - startMs) / 1000
  const passes = { copies, isDry, compares, isInterrupted: run.isInterrupted, seconds }
  await io.write((isJson ? jsonReport : peopleReport)(run.tally, passes))
  return run.tally.hasFailures ? ExitCode.NO : ExitCode.OK
}

class CopyRun {
  readonly tally = new Tally()
  private readonly plan: CopyPlan
  private readonly io: Io
  private readonly from: Side
  private readonly to: Side
  private readonly ending: AbortSignal
  private readonly progress: PassProgress

  constructor(plan: CopyPlan, io: Io) {
    this.plan = plan
    this.io = io
    this.from = new Side(plan.from, 'meta')
    this.to = new Side(plan.to, plan.toProtocol)
    this.ending = io.interruption()
    this.progress = new PassProgress(io, plan.isJson)
  }

  get isInterrupted(): boolean {
    return this.ending.aborted
  }

  async run(): Promise<void> {
    try {
      await this.from.probe()
      await this.to.probe()
      await this.runPasses()
    } finally {
      this.progress.close()
      await Promise.all([this.from.close(), this.to.close()])
    }
  }

  /** The file of a copy is kept until it has been compared, too: so an interrupted comparison does not begin with a copy. */
  private async runPasses(): Promise<void> {
    const { plan } = this
    const { file, copies, compares } = plan
    const list = file === undefined ? await KeyList.temporary() : await KeyList.kept(file, nameOf(plan))
    let isDone = false
    try {
      isDone = !copies || (await this.pass(list, plan.isDry ? 'ask' : 'copy', (key) => this.copyOne(key)))
      if (isDone && compares) isDone = await this.compareAll()
    } catch (error) {
      if (!isSystemError(error)) throw error
      throw new Refusal(ExitCode.NO_INPUT, `the list of keys cannot be kept: ${reasonOf(error)}`)
    } finally {
      await list.close(isDone)
    }
  }

  /** Over a new list: it has what was stored during the copy. */
  private async compareAll(): Promise<boolean> {
    const list = await KeyList.temporary()
    try {
      return await this.pass(list, 'verify', (key) => this.compareOne(key))
    } finally {
      await list.close(true)
    }
  }

  /** Returns whether all keys were handled. */
  private async pass(
    list: KeyList,
    name: string,
    handle: (key: ListedKey) => Promise<void>,
  ): Promise<boolean> {
    const { plan, ending } = this
    if (!list.isComplete) await listKeys(plan.from, plan.prefix, list, ending)
    if (ending.aborted) return false
    const flight = new Flight(list, { countMax: plan.inFlight, rate: plan.rate, ending })
    this.progress.begin(name, flight, list.totalCount)
    return flight.run(handle)
  }

  private async copyOne({ name }: ListedKey): Promise<void> {
    const { from, to, plan, tally } = this
    try {
      const { outcome, length } = await copyItem(percentDecoded(name), from, to, plan)
      tally.copied[outcome]++
      tally.copiedLength += length
    } catch (error) {
      this.countFailure(name, error, tally.copied)
    }
  }

  private async compareOne({ name }: ListedKey): Promise<void> {
    const { from, to, plan, tally } = this
    try {
      const comparison = await compareItem(percentDecoded(name), from, to, plan.toleranceSeconds)
      tally.compared[comparison]++
      if (comparison !== 'same' && comparison !== 'gone')
        this.complainOf(name, `${WORDS[comparison] ?? comparison} in TO`)
    } catch (error) {
      this.countFailure(name, error, tally.compared)
    }
  }

  private countFailure(name: string, error: unknown, counts: { failed: number }): void {
    if (!(error instanceof KeyError)) throw error
    counts.failed++
    this.complainOf(name, error.message)
  }

  private complainOf(name: string, reason: string): void {
    this.io.complain(`${withPercents(percentDecoded(name))}: ${reason}`)
  }
}
