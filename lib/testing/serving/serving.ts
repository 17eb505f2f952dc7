import net from 'node:net'
import type { AdminAccess } from '../../server/admin-access.js'
import { Listener } from '../../server/listening/listener.js'
import type { ListenerFacts } from '../../server/listening/listener-facts.js'
import { ServerAccess } from '../../server/server-access.js'
import { verificationAt } from '../../server/tls/secure-context.js'
import { socketOver } from '../../server/wires/handle.js'
import { type Accepted, refuse } from '../../server/wires/open-wire.js'
import type { Encryption } from '../../server/wires/tls-wire.js'
import { ClientLinks } from '../connections/client-links.js'
import type { ConnectionFacts } from '../connections/connection-facts.js'
import type { Fault } from '../faults/fault.js'
import { type FaultState, Faults } from '../faults/faults.js'
import { SeededRandom } from '../faults/random.js'
import { realImmediate } from '../time/real-time.js'
import { buildTestWorker, type TestWorker } from './build-test-worker.js'
import type { Controls, TestItem } from './controls.js'
import type { LoadedValue } from './loaded-value.js'
import { RequestLog, type TestRequest } from './request-log.js'
import type { ServingOptions } from './serving-options.js'

/**
 * A test server in the thread that serves: the parts of the real server, with another clock, an engine before the worker's own,
 * and a wire before each connection's own.
 *
 *     socket ──▶ TestWire ──▶ Connection ──▶ TestEngine ──▶ LocalEngine ──▶ store
 *                bytes                       faults, log                    TestClock
 */
export class Serving implements Controls {
  readonly host: string
  port: number
  /** Resolves when it has stopped, also if a client has stopped it. */
  readonly ended: Promise<void>
  readonly options: ServingOptions
  private readonly parts: TestWorker
  private readonly log: RequestLog
  private readonly faultList: Faults
  private readonly links: ClientLinks
  private readonly facts: ListenerFacts[] = []
  /** None while connections are refused; a name of a host may have several addresses. */
  private listeners: readonly Listener[] = []
  /** Resolves when they listen, unless they are not to any more. */
  private opening: Promise<void> | undefined = undefined
  private stopped: Promise<void> | undefined = undefined
  private tellEnd!: () => void

  private constructor(options: ServingOptions) {
    const { server, isManual, startMs, seed, isSeedGiven, requestCountMax } = options
    this.options = options
    this.host = options.host
    this.port = options.port
    const random = new SeededRandom(seed)
    const faults = new Faults(random, isSeedGiven ? () => undefined : seedTeller(seed))
    this.faultList = faults
    this.log = new RequestLog(requestCountMax)
    this.links = new ClientLinks(random, faults)
    this.parts = buildTestWorker({
      ...{ options: server, isManual, startMs, listening: this.facts },
      engine: {
        ...{ faults, log: this.log, links: this.links.all },
        restart: (keepsItems) => this.restart(keepsItems),
      },
      shutDown: () => realImmediate(() => void this.stop()),
    })
    this.parts.worker.feed?.listen(undefined)
    this.ended = new Promise((resolve) => {
      this.tellEnd = resolve
    })
  }

  static async start(options: ServingOptions): Promise<Serving> {
    const serving = new Serving(options)
    await serving.listen()
    return serving
  }

  /** What its control over HTTP may read and ask, beside moving the clock and ordering faults. */
  createAccess(): AdminAccess {
    const { worker, statistics, insight } = this.parts
    return new ServerAccess({
      ...{
        options: this.options.server,
        listening: this.facts,
        worker,
        data: undefined,
        statistics,
        insight,
        gateway: undefined,
      },
      threads: () => undefined,
      isServing: () => !this.hasStopped,
    })
  }

  get hasStopped(): boolean {
    return this.stopped !== undefined
  }

  /** Closes everything at once. */
  stop(): Promise<void> {
    this.stopped ??= this.end()
    return this.stopped
  }

  private async end(): Promise<void> {
    // What is being opened is closed by `listen`, as soon as the stop is known.
    const opened = this.opening?.catch(() => undefined)
    await Promise.all([this.closeListeners(), this.links.dropAll(), opened])
    this.tellEnd()
  }

  // ─── connections ───────────────────────────────────────────────────────────────────────────────────────────────────

  private async listen(): Promise<void> {
    const { server } = this.options
    const verify = verificationAt(undefined, server)
    const accept = (accepted: Accepted) => this.accept(accepted)
    this.listeners = await Listener.openTcp(this.host, this.port, {
      backlog: server.backlog,
      accept,
      verify,
    })
    // A test that does not stop its server ends all the same.
    for (const listener of this.listeners) listener.keepAlive('unref')
    this.port = this.listeners[0]!.port
    this.facts.splice(0, this.facts.length, ...this.listeners)
  }

  private async closeListeners(): Promise<void> {
    const { listeners } = this
    this.listeners = []
    await Promise.all(listeners.map((listener) => listener.close()))
  }

  private accept(accepted: Accepted): void {
    const { worker } = this.parts
    const { counts } = worker.table
    const effect = this.faultList.effectOn({
      name: 'connect',
      key: undefined,
      connection: 0,
      hasOpaque: false,
      withheld: undefined,
    })
    if (effect?.kind === 'reset') {
      reset(accepted)
    } else if (effect?.kind === 'close') {
      refuse(accepted, '')
    } else if (counts.sum >= this.options.server.connectionsMax) {
      refuse(accepted, 'ERROR Too many open connections\r\n')
    } else {
      counts.add(0, 1)
      const link = this.links.serve(worker, accepted, this.encryption)
      if (effect?.kind === 'timeout') link.wire.silence()
    }
  }

  private get encryption(): Encryption | undefined {
    const { certificates, counters, gathered } = this.parts.worker
    const verify = this.facts[0]?.verify ?? null
    if (certificates === undefined || verify === null) return undefined
    return { secureContext: certificates.secureContext, verify, gathered, counters }
  }

  connections(): ConnectionFacts[] {
    return this.links.facts
  }

  drop(connection: number): boolean {
    return this.links.drop(connection)
  }

  restart(keepsItems: boolean): void {
    const { worker, clock, contents } = this.parts
    void this.links.dropAll()
    if (!keepsItems) contents.clear()
    worker.counters.reset()
    clock.restart()
  }

  // ─── faults ────────────────────────────────────────────────────────────────────────────────────────────────────────

  addFaults(faults: readonly Fault[]): number[] {
    const ids = this.faultList.add(faults)
    if (this.faultList.refusesConnections) void this.closeListeners()
    return ids
  }

  removeFault(id: number): void | Promise<void> {
    this.faultList.remove(id)
    return this.acceptConnections()
  }

  clearFaults(): void | Promise<void> {
    this.faultList.clear()
    return this.acceptConnections()
  }

  faults(): FaultState[] {
    return this.faultList.states
  }

  /** The system refuses connections while no socket listens. */
  private get isToListen(): boolean {
    return !this.faultList.refusesConnections && !this.hasStopped
  }

  private acceptConnections(): void | Promise<void> {
    if (this.opening === undefined && (!this.isToListen || this.listeners.length > 0)) return
    this.opening ??= this.reopen().finally(() => {
      this.opening = undefined
    })
    return this.opening
  }

  /** Listens, or does not: as the faults say when it is done, since they may change meanwhile. */
  private async reopen(): Promise<void> {
    while (this.isToListen) {
      await this.listen()
      if (this.isToListen) return
      await this.closeListeners()
    }
  }

  // ─── the clock ─────────────────────────────────────────────────────────────────────────────────────────────────────

  nowMs(): number {
    return this.parts.clock.nowMs
  }

  advance(ms: number): void {
    this.setTime(this.nowMs() + ms)
  }

  setTime(ms: number): void {
    const { clock, contents, worker } = this.parts
    const beforeMs = clock.nowMs
    clock.setMs(ms)
    contents.timeMoved()
    worker.feed?.timeMoved(ms - beforeMs)
  }

  // ─── log and contents ──────────────────────────────────────────────────────────────────────────────────────────────

  requests(): TestRequest[] {
    return this.log.all
  }

  forgetRequests(): void {
    this.log.clear()
  }

  items(): TestItem[] {
    return this.parts.contents.items()
  }

  load(entries: Readonly<Record<string, LoadedValue>>): void {
    this.parts.contents.load(entries)
  }

  clear(): void {
    this.parts.contents.clear()
  }

  statistics(group: string): Record<string, string> {
    return this.parts.contents.statistics(group)
  }
}

/** A run that fails by chance can be repeated. */
function seedTeller(seed: number): () => void {
  let hasTold = false
  return () => {
    if (!hasTold) process.stderr.write(`keepcached: faults with a probability follow seed: ${seed}\n`)
    hasTold = true
  }
}

function reset(accepted: Accepted): void {
  const socket = accepted instanceof net.Socket ? accepted : socketOver(accepted)
  socket.on('error', () => undefined)
  socket.resetAndDestroy()
}
