import { Counter } from '../../../lib/metrics/counters.js'
import { Command } from '../../../lib/request/command.js'
import { Worker } from '../../../lib/server/connection/worker.js'
import { lentWindows } from '../../support/lent-windows.js'
import type { Random } from '../../support/random.js'
import type { Client } from '../client.js'
import { Finding } from '../finding.js'
import type { KeyModel } from '../key-model.js'
import type { Oracle } from '../oracle.js'
import type { Plan } from '../plan.js'
import type { Workload } from '../workload.js'
import type { Asked } from './asked.js'
import { askBinary, flushBinary, noopBinary, quitBinary } from './binary-asking.js'
import { ExpectedReplies } from './expected-replies.js'
import { JudgingEngine } from './judging-engine.js'
import type { Marks } from './marks.js'
import { askMeta } from './meta-asking.js'
import { Talk, type TalkParts } from './talk.js'
import { askText, flushText, noopMeta, quitText } from './text-asking.js'
import { WindowJudge } from './window-judge.js'
import type { ProtocolName, WirePlan } from './wire-plan.js'

export interface WiredParts {
  readonly random: Random
  readonly plan: Plan
  readonly wirePlan: WirePlan
  readonly workload: Workload
  readonly oracle: Oracle
  readonly marks: Marks
  readonly onAcknowledged: () => void
  /** A request is about to be executed. */
  readonly onRequest: () => void
  /** How often no window was left, or a connection was closed so that others had room: of all workers. */
  readonly refusals: { count: number }
}

/** The connections of one worker, and their clients. */
export class WiredClients {
  private readonly client: Client
  private readonly parts: WiredParts
  private readonly talkParts: TalkParts
  private readonly engine: JudgingEngine
  private readonly worker: Worker
  private readonly talks = new Map<number, Talk>()
  private readonly takenCount: number
  private talkCount = 0
  private opaque = 0
  private finding: Error | undefined

  constructor(client: Client, parts: WiredParts) {
    this.client = client
    this.parts = parts
    const { worker, judged } = client
    const { random, wirePlan, oracle, marks, refusals } = parts
    const askerOf = (number: number) => this.talkOf(number)
    this.engine = new JudgingEngine({
      worker,
      judged,
      oracle,
      marks,
      askerOf,
      refusals,
      onRequest: () => this.parts.onRequest(),
      note: (error) => this.note(error),
    })
    const { table, watchers, pool } = worker.wiring!
    this.worker = new Worker({
      arena: worker.arena,
      engine: this.engine,
      counters: worker.counters,
      protocol: 'auto',
      pool,
      clock: worker.clock,
      table,
      store: worker.store,
      watchers,
      data: { journal: worker.journal },
      reload: () => undefined,
      reportDefect: (error) => {
        this.note(error)
        throw error
      },
      requestsPerTurn: wirePlan.requestsPerTurn,
    })
    this.takenCount = pool.ownTakenCount
    const refused = (): void => void refusals.count++
    const windows = new WindowJudge({
      worker: this.worker,
      connections: () => [...this.talks.values()].map(({ connection }) => connection),
      refused,
      report: (message) => this.note(new Finding(message)),
    })
    this.talkParts = {
      random,
      plan: wirePlan,
      worker: this.worker,
      compose: (protocol) => this.compose(protocol),
      report: (message) => this.note(new Finding(message)),
      windows,
      mayBreakOff: () => this.mayBreakOff,
      now: () => judged.now,
      changeCount: () => worker.journal!.changeCount,
    }
  }

  // ─── what happens ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** Takes a step on one of the connections, or opens another one. Returns how many requests have been composed. */
  step(): number {
    const { random, wirePlan } = this.parts
    const present = [...this.talks]
    const [number, talk] = present[random.below(wirePlan.connectionsMax)] ?? this.open()
    const count = talk.step()
    if (talk.isGone) this.talks.delete(number)
    this.throwFinding()
    return count
  }

  /** Findings that could not be thrown at once. */
  throwFinding(): void {
    if (this.finding !== undefined) throw this.finding
  }

  /** Each connection takes a step towards its end. Returns false when none is left. */
  finish(): boolean {
    for (const [number, talk] of [...this.talks]) {
      talk.finish()
      if (talk.isGone) this.talks.delete(number)
    }
    this.throwFinding()
    return this.talks.size > 0
  }

  /** The server stops. */
  stop(): void {
    for (const talk of this.talks.values()) talk.stop()
  }

  /** The server has waited long enough. */
  giveUp(): void {
    for (const talk of this.talks.values()) talk.giveUp()
    this.talks.clear()
  }

  /** Resets the connections whose values are arriving. */
  breakOffArriving(): void {
    for (const [number, talk] of [...this.talks]) {
      if (!talk.isArriving) continue
      talk.reset()
      this.talks.delete(number)
    }
    this.throwFinding()
  }

  private open(): [number, Talk] {
    const number = ++this.talkCount
    const { client, parts } = this
    const expected = new ExpectedReplies(client.worker.journal!, (count) => {
      client.acknowledgedCount = Math.max(client.acknowledgedCount, count)
      parts.onAcknowledged()
    })
    const talk = new Talk(number, this.talkParts, expected)
    this.talks.set(number, talk)
    return [number, talk]
  }

  private talkOf(number: number): Talk {
    const talk = this.talks.get(number)
    if (talk === undefined) throw new Finding('a request is executed for a connection that is closed')
    return talk
  }

  // ─── requests ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private compose(protocol: ProtocolName): Asked {
    const { parts } = this
    const { random, plan, workload, wirePlan } = parts
    const { quietShare } = wirePlan
    const { now } = this.client.judged
    const isBinary = protocol === 'binary'
    const opaque = ++this.opaque
    if (random.chance(plan.flushShare)) {
      const expiry = random.chance(0.3) ? 0 : Math.max(0, workload.expiry(now))
      return isBinary
        ? flushBinary(random, quietShare, expiry, opaque)
        : flushText(random, quietShare, expiry)
    }
    if (random.chance(QUIT_SHARE)) return isBinary ? quitBinary(random, opaque) : quitText()
    if (protocol !== 'text' && random.chance(NOOP_SHARE)) return isBinary ? noopBinary(opaque) : noopMeta()
    const isLong = random.chance(wirePlan.longShare)
    const key = isLong ? this.longerKey() : workload.key()
    const given = workload.operation(key, now)
    const operation = isLong ? { ...given, command: Command.GET } : given
    if (isBinary) return askBinary(random, quietShare, key, operation, opaque, now)
    if (protocol === 'meta') return askMeta(random, quietShare, key, operation, opaque)
    return askText(random, quietShare, key, operation, operation.command === Command.GET ? this.others() : [])
  }

  /** Of a few keys the one with the longest value. */
  private longerKey(): KeyModel {
    const keys = Array.from({ length: KEYS_COMPARED }, () => this.parts.workload.key())
    const lengthOf = ({ state }: KeyModel): number => state?.value.length ?? 0
    return keys.reduce((longest, key) => (lengthOf(key) > lengthOf(longest) ? key : longest))
  }

  /** More keys of one line: now and then so many that the line is longer than a window. */
  private others(): KeyModel[] {
    const { random, workload } = this.parts
    if (random.chance(0.6)) return []
    const count = random.chance(0.02) ? random.below(MANY_KEYS) : random.below(FEW_KEYS)
    return Array.from({ length: count }, () => workload.key())
  }

  // ─── what is found ─────────────────────────────────────────────────────────────────────────────────────────────────

  /** The first finding counts: later ones follow from it. */
  private note(error: unknown): void {
    this.finding ??= error as Error
  }

  /**
   * The journal has failed, or connections were closed for want of room; the server counts no more of these than
   * there were.
   */
  private get mayBreakOff(): boolean {
    const { judged, worker } = this.client
    if (this.finding !== undefined || judged.mayRefuse) return true
    const brokenCount = worker.counters.read(Counter.read_buf_oom)
    return brokenCount > 0 && brokenCount <= this.parts.refusals.count
  }

  /** No connection is open, and no reply waits for the journal: all windows must be back. */
  checkRest(): void {
    const lentCount = lentWindows(this.worker, this.takenCount)
    if (lentCount !== 0) throw new Finding(`${lentCount} windows have not come back`)
  }
}

const QUIT_SHARE = 0.002
const NOOP_SHARE = 0.05
const KEYS_COMPARED = 40
const FEW_KEYS = 10
const MANY_KEYS = 1500
