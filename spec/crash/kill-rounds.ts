import { ok as assert } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { counterExtras, itemExtras, Op, opcodeOf, request, uint32, valueIn } from '../support/frames.js'
import type { Random } from '../support/random.js'
import { type ServerProcess, spawnServer, startServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'
import { CrashClient } from './crash-client.js'
import { type Change, KeyHistory } from './key-history.js'
import { SlidingSession } from './sessions.js'

const KEYS = Array.from({ length: 40 }, (_, index) => `key ${index}`)
const COUNTERS = Array.from({ length: 4 }, (_, index) => `counter ${index}`)
const CONNECTION_COUNT = 4
/** Lengths around those that are copied, that are split into pieces, and that fill a segment. */
const LONG_VALUE_LENGTHS = [5000, 16_000, 16_500, 17_000, 40_000, 100_000, 300_000]
const LONG_VALUE_SHARE = 0.1
const IN_FLIGHT_MAX = 16
const LOAD_MS_MAX = 250
const RECOVERY_MS_MAX = 250
const NOT_FOUND = 1
/** Replies with a new cas. */
const GIVES_CAS: ReadonlySet<number> = new Set([Op.SET, Op.INCREMENT])

/**
 * In each round a server starts on the directory of the last one, everything that was acknowledged must be there and
 * nothing older, several connections put a load on it, and it is killed. Values name the request that stored them.
 */
export class KillRounds {
  roundCount = 0
  acknowledgedCount = 0
  private readonly random: Random
  private readonly options: readonly string[]
  private readonly threadCounts: readonly number[]
  private readonly folder = mkdtempSync(join(tmpdir(), 'keepcached-crash-'))
  /** Not a port: another program might take it between two servers. */
  private readonly socketPath = join(this.folder, 'socket')
  private readonly histories = new Map(KEYS.map((key) => [key, new KeyHistory(undefined)]))
  /** How often each counter was incremented: acknowledged, and sent. */
  private readonly counts = new Map(COUNTERS.map((key) => [key, { least: 0, most: 0 }]))
  /** One for each connection. */
  private readonly sessions = Array.from(
    { length: CONNECTION_COUNT },
    (_, index) => new SlidingSession(`session ${index}`),
  )
  private readonly casSeen = new Set<bigint>()
  private repeatedCas: bigint | undefined = undefined
  /** Counters may have restarted since the last look. */
  private isFlushed = false
  private time = 0
  private nextValue = 0

  /** Each server has a different one of these numbers of threads. */
  constructor(random: Random, options: readonly string[], threadCounts: readonly number[]) {
    this.random = random
    this.threadCounts = threadCounts
    this.options = ['--data', join(this.folder, 'data'), '--snapshot-interval', '1', ...options]
  }

  async run(): Promise<void> {
    const { random } = this
    if (random.chance(0.3)) await this.killDuringRecovery()
    const { options, environment } = this.serverOptions
    const server = await startServer({
      options: options!,
      environment: environment!,
      socketPath: this.socketPath,
    })
    await this.verify(server)
    const isOver = { value: false }
    const loads = Array.from({ length: CONNECTION_COUNT }, (_, index) => this.load(server, index, isOver))
    await sleep(random.below(LOAD_MS_MAX))
    await server.stop(random.chance(0.1) ? 'SIGTERM' : 'SIGKILL')
    isOver.value = true
    await Promise.all(loads)
    assert(this.repeatedCas === undefined, `the cas ${this.repeatedCas} was given away twice`)
    this.roundCount++
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private get serverOptions() {
    return withThreads(this.random.pick(this.threadCounts), this.options)
  }

  private async killDuringRecovery(): Promise<void> {
    const { options, environment } = this.serverOptions
    const child = spawnServer(['-s', this.socketPath, ...options!], { environment: environment! })
    const ended = once(child, 'exit')
    await sleep(this.random.below(RECOVERY_MS_MAX))
    child.kill('SIGKILL')
    await ended
  }

  // ─── what was kept ─────────────────────────────────────────────────────────────────────────────────────────────────

  private async verify(server: ServerProcess): Promise<void> {
    const found = await readAll(server, [...KEYS, ...COUNTERS, ...this.sessions.map(({ key }) => key)])
    for (const [key, history] of this.histories) {
      const value = found.get(key)?.trimEnd()
      const possible = history.possibleValues()
      assert(
        possible.has(value),
        `${key} is ${value}, and may be ${[...possible].join(', ')}\n${server.output}`,
      )
      history.begin(value)
    }
    for (const [key, count] of this.counts) {
      const value = Number(found.get(key) ?? '0')
      const isPossible = (value >= count.least || this.isFlushed) && value <= count.most
      assert(isPossible, `${key} is ${value}, and may be ${count.least} to ${count.most}\n${server.output}`)
      count.least = value
      count.most = value
    }
    for (const session of this.sessions) session.verify(found.get(session.key), server.output)
    this.isFlushed = false
  }

  // ─── the load ──────────────────────────────────────────────────────────────────────────────────────────────────────

  private async load(server: ServerProcess, index: number, isOver: { value: boolean }): Promise<void> {
    /** Requests that wait for a reply, in the order of sending. */
    const waiting: {
      readonly opaque: number
      readonly changes: readonly Change[]
      readonly counter?: string
      readonly onStatus?: (status: number) => void
    }[] = []
    const client = await CrashClient.open(server.address, (opaque, status, cas, frame) => {
      while (waiting.length > 0 && waiting[0]!.opaque <= opaque) {
        const { changes, counter, onStatus } = waiting.shift()!
        onStatus?.(status)
        for (const change of changes) change.acknowledgedAt = this.time++
        if (counter !== undefined) this.counts.get(counter)!.least++
        this.acknowledgedCount++
      }
      if (status === 0 && GIVES_CAS.has(opcodeOf(frame))) this.noteCas(cas)
    }).catch(() => undefined)
    let isSliding = this.random.chance(0.5)
    for (let opaque = 1; client !== undefined && !client.isGone && !isOver.value; ) {
      if (isSliding && opaque > 1) {
        const { frame, onStatus } = this.sessions[index]!.change(this.random, opaque, `s${this.nextValue++}`)
        waiting.push({ opaque: opaque++, changes: [], onStatus })
        client.send(frame)
        isSliding = false
      }
      while (waiting.length < IN_FLIGHT_MAX) {
        waiting.push({ opaque, ...this.sendNext(client, index, opaque) })
        opaque++
      }
      await sleep(this.random.below(3))
    }
    client?.close()
  }

  private sendNext(
    client: CrashClient,
    index: number,
    opaque: number,
  ): { changes: Change[]; counter?: string } {
    const { random } = this
    const key = random.pick(KEYS)
    switch (random.below(9)) {
      case 0:
        client.send(request(Op.DELETE, { key, opaque }))
        return { changes: [this.change(key, undefined)] }
      case 1: {
        const counter = COUNTERS[index]!
        this.counts.get(counter)!.most++
        const extras = counterExtras(1n, 1n)
        client.send(request(Op.INCREMENT, { key: counter, extras, opaque }))
        return { changes: [], counter }
      }
      case 2:
        client.send(request(Op.TOUCH, { key, extras: uint32(1000), opaque }))
        return { changes: [] }
      case 3:
        if (!random.chance(0.02)) {
          client.send(request(Op.NOOP, { opaque }))
          return { changes: [] }
        }
        client.send(request(Op.FLUSH, { opaque }))
        this.isFlushed = true
        for (const session of this.sessions) session.mayBeFlushed()
        return { changes: KEYS.map((each) => this.change(each, undefined)) }
      default: {
        const value = `v${this.nextValue++}`
        const isLong = random.chance(LONG_VALUE_SHARE)
        const padded = isLong ? value.padEnd(random.pick(LONG_VALUE_LENGTHS)) : value
        const opcode = random.chance(0.3) ? Op.SETQ : Op.SET
        client.send(request(opcode, { key, value: padded, extras: itemExtras(), opaque }))
        return { changes: [this.change(key, value)] }
      }
    }
  }

  private change(key: string, value: string | undefined): Change {
    const change: Change = { value, sentAt: this.time++, acknowledgedAt: undefined }
    this.histories.get(key)!.add(change)
    return change
  }

  private noteCas(cas: bigint): void {
    if (this.casSeen.has(cas)) this.repeatedCas = cas
    this.casSeen.add(cas)
  }
}

async function readAll(server: ServerProcess, keys: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  let answered = 0
  const client = await CrashClient.open(server.address, (opaque, status, _cas, frame) => {
    answered++
    if (status !== NOT_FOUND) found.set(keys[opaque]!, valueIn(frame).toString('latin1'))
  })
  keys.forEach((key, opaque) => {
    client.send(request(Op.GET, { key, opaque }))
  })
  while (answered < keys.length) {
    assert(!client.isGone, `the server has ended: ${server.output}`)
    await sleep(1)
  }
  client.close()
  return found
}
