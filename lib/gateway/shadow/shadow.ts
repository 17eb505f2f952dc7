import { setTimeout as sleep } from 'node:timers/promises'
import type { Feed } from '../../feed/feed.js'
import type { Counters } from '../../metrics/counters.js'
import { type ClientLibrary, loadClientLibrary } from '../engines/engine-client.js'
import type { GatewaySettings } from '../engines/gateway-settings.js'
import { Router } from '../engines/router.js'
import { checkEngine } from '../engines/start-check.js'
import { Topology } from '../engines/topology.js'
import { Mirror } from './mirror.js'
import { MirrorTarget } from './mirror-target.js'
import { Samples } from './samples.js'

export interface ShadowParts {
  readonly settings: GatewaySettings
  readonly feed: Feed
  /** Those of this thread. */
  readonly counters: Counters
  /** Tells the operator. */
  readonly report: (text: string) => void
}

/**
 * An engine that receives every change of the local store, while clients are served from the store alone. The engine may be away, at
 * the start too: it is tried again.
 */
export class Shadow {
  private readonly library: ClientLibrary
  private readonly parts: ShadowParts
  private readonly samples: Samples
  private readonly ending = new AbortController()
  private mirror: Mirror | undefined = undefined
  private router: Router | undefined = undefined
  private lastReport = ''

  private constructor(library: ClientLibrary, parts: ShadowParts) {
    this.library = library
    this.parts = parts
    this.samples = new Samples(parts.counters)
  }

  /** Rejects if the client library is missing. */
  static async open(parts: ShadowParts): Promise<Shadow> {
    const shadow = new Shadow(await loadClientLibrary(), parts)
    void shadow.begin()
    return shadow
  }

  /** Sends what is left, for as long as a request may take. */
  async close(): Promise<void> {
    const deadline = performance.now() + this.parts.settings.timeoutMs
    while (this.mirror?.isDone === false && performance.now() < deadline) await sleep(POLL_MS)
    this.ending.abort()
    this.samples.close()
    this.mirror?.close()
    this.router?.close()
  }

  private async begin(): Promise<void> {
    const { settings, feed, counters } = this.parts
    const topology = await this.connect()
    if (topology === undefined) return
    const report = (text: string) => this.report(text)
    this.router = new Router(topology, counters, settings, report)
    const target = new MirrorTarget(this.router, Buffer.from(settings.prefix))
    this.mirror = new Mirror({ feed, target, samples: this.samples, counters })
    this.mirror.start()
    this.samples.start(target)
  }

  /** Undefined if it is closed before. */
  private async connect(): Promise<Topology | undefined> {
    const { signal } = this.ending
    while (!signal.aborted) {
      let topology: Topology | undefined
      try {
        const { isCluster } = await checkEngine(this.library, { ...this.parts.settings, waitMs: 0 })
        topology = new Topology(this.library, this.parts.settings, isCluster, () => this.router?.retryNow())
        await topology.refreshFirst()
        if (!signal.aborted) return topology
      } catch (error) {
        this.report((error as Error).message)
      }
      topology?.close()
      await sleep(RETRY_MS, undefined, { ref: false, signal }).catch(() => undefined)
    }
    return undefined
  }

  /** What is tried again and again is said once. */
  private report(text: string): void {
    if (text === this.lastReport) return
    this.lastReport = text
    this.parts.report(text.replace(/^--gateway:/, '--gateway-shadow:'))
  }
}

const POLL_MS = 5
const RETRY_MS = 1000
