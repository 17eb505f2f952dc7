import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientLibrary } from './engine-client.js'
import { EngineNode } from './engine-node.js'
import { type EngineEndpoint, endpointText, type GatewaySettings } from './gateway-settings.js'
import { SLOT_COUNT } from './key-slot.js'
import { Replicas } from './replicas.js'
import { Sentinels } from './sentinels.js'

/** Which node has which slot. A single server has all of them, and so has the primary that sentinels know. */
export class Topology {
  readonly isCluster: boolean
  /** Undefined if gets are sent to primaries. */
  readonly replicas: Replicas | undefined
  /** Rises when a slot has another node. */
  changeCount = 0
  private readonly library: ClientLibrary
  private readonly settings: GatewaySettings
  private readonly onReady: () => void
  private readonly nodes = new Map<string, EngineNode>()
  private readonly slots: (EngineNode | undefined)[]
  private readonly sentinels: Sentinels | undefined
  private readonly poll: NodeJS.Timeout | undefined
  private refreshing: Promise<void> | undefined = undefined
  private refreshedMs = 0

  constructor(library: ClientLibrary, settings: GatewaySettings, isCluster: boolean, onReady: () => void) {
    this.library = library
    this.settings = settings
    this.isCluster = isCluster
    this.onReady = onReady
    this.slots = new Array(isCluster ? SLOT_COUNT : 1).fill(undefined)
    this.replicas = settings.readsReplicas ? new Replicas(library, settings, isCluster) : undefined
    this.sentinels = settings.sentinelName === undefined ? undefined : new Sentinels(library, settings)
    if (!this.mayMove) this.slots[0] = this.nodeAt(settings.endpoints[0]!)
    if (this.replicas !== undefined || this.sentinels !== undefined)
      this.poll = setInterval(() => this.look(), POLL_MS).unref()
  }

  nodeOf(slot: number): EngineNode | undefined {
    return this.slots[this.isCluster ? slot : 0]
  }

  /** All nodes that have slots. */
  get primaries(): readonly EngineNode[] {
    return [...new Set(this.slots)].filter((node) => node !== undefined)
  }

  /** All slots have a node, and all nodes are connected. */
  get isReady(): boolean {
    return this.slots.every((node) => node?.isReady === true)
  }

  /** Slots may get another node. */
  private get mayMove(): boolean {
    return this.isCluster || this.sentinels !== undefined
  }

  /** A node has said that it has the slot no more. */
  move(slot: number, endpoint: EngineEndpoint): EngineNode {
    const node = this.nodeAt(endpoint)
    if (this.slots[slot] !== node) this.changeCount++
    this.slots[slot] = node
    this.refreshSoon()
    return node
  }

  nodeAt(endpoint: EngineEndpoint): EngineNode {
    const address = endpointText(endpoint)
    let node = this.nodes.get(address)
    if (node === undefined) {
      const settings = { ...this.settings, mustBePrimary: !this.isCluster }
      node = new EngineNode(this.library, endpoint, settings, this.onReady)
      this.nodes.set(address, node)
    }
    return node
  }

  /** Asks for the slots again, but not all the time. */
  refreshSoon(): void {
    if (!this.mayMove || performance.now() - this.refreshedMs < REFRESH_MS_MIN) return
    void this.refresh()
  }

  /** Asks the nodes for the slots, one after another, until one knows them. */
  refresh(): Promise<void> {
    if (!this.mayMove) return Promise.resolve()
    this.refreshing ??= (this.isCluster ? this.readSlots() : this.readPrimary()).finally(() => {
      this.refreshing = undefined
      this.refreshedMs = performance.now()
    })
    return this.refreshing
  }

  /** The first time, when no node is connected yet. */
  async refreshFirst(): Promise<void> {
    const deadline = performance.now() + this.settings.timeoutMs
    const { seeds } = this
    const isAnswered = () =>
      this.isCluster ? seeds.some(({ isReady }) => isReady) : this.primaries.length > 0
    while (!isAnswered() && performance.now() < deadline) {
      await sleep(PAUSE_MS)
      if (!this.isCluster) await this.refresh()
    }
    await this.refresh()
    await this.replicas?.poll(this.primaries)
  }

  close(): void {
    clearInterval(this.poll)
    this.sentinels?.close()
    this.replicas?.close()
    for (const node of this.nodes.values()) node.close()
  }

  flush(): void {
    for (const node of this.nodes.values()) node.flush()
    this.replicas?.flush()
  }

  /** The nodes that are asked first; none with sentinels. */
  private get seeds(): EngineNode[] {
    const { endpoints } = this.settings
    return this.sentinels === undefined ? endpoints.map((endpoint) => this.nodeAt(endpoint)) : []
  }

  /** Sentinels and primaries are asked for what changes without an error of a command. */
  private look(): void {
    if (this.sentinels !== undefined) void this.refresh()
    void this.replicas?.poll(this.primaries)
  }

  /** As long as no sentinel answers, the primary stays. */
  private async readPrimary(): Promise<void> {
    const endpoint = await this.sentinels?.primary()
    if (endpoint === undefined) return
    const node = this.nodeAt(endpoint)
    if (this.slots[0] === node) return
    this.changeCount++
    this.slots[0] = node
    this.forgetOthers()
  }

  private async readSlots(): Promise<void> {
    for (const node of new Set([...this.nodes.values(), ...this.seeds])) {
      if (!node.isReady) continue
      const ranges = await node.call('cluster', 'slots').catch(() => undefined)
      if (!Array.isArray(ranges) || ranges.length === 0) continue
      this.apply(ranges as readonly SlotRange[], node.endpoint.host)
      return
    }
  }

  private apply(ranges: readonly SlotRange[], ownHost: string): void {
    const before = [...this.slots]
    this.slots.fill(undefined)
    for (const [first, last, [host, port]] of ranges) {
      const name = host?.toString() ?? ''
      // A node that does not know its own address yet.
      const node = this.nodeAt({ host: name === '' || name === '?' ? ownHost : name, port })
      this.slots.fill(node, first, last + 1)
    }
    if (this.slots.some((node, slot) => node !== before[slot])) this.changeCount++
    this.forgetOthers()
  }

  /** Nodes that have no slots any more, and are not asked first. */
  private forgetOthers(): void {
    const kept = new Set<EngineNode>([...this.primaries, ...this.seeds])
    for (const [address, node] of this.nodes) {
      if (kept.has(node) || node.inFlight > 0) continue
      node.close()
      this.nodes.delete(address)
    }
  }
}

/** First and last slot, and the primary; behind it the replicas. */
type SlotRange = readonly [first: number, last: number, primary: readonly [host: Buffer | null, port: number]]

const PAUSE_MS = 5
const POLL_MS = 1000
/** Many commands fail at once when a node is lost. */
const REFRESH_MS_MIN = 50
