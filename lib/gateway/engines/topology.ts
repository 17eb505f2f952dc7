import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientLibrary } from './engine-client.js'
import { EngineNode } from './engine-node.js'
import { type EngineEndpoint, endpointText, type GatewaySettings } from './gateway-settings.js'
import { SLOT_COUNT } from './key-slot.js'

/** Which node has which slot. A single server has all of them. */
export class Topology {
  readonly isCluster: boolean
  /** Rises when a slot has another node. */
  changeCount = 0
  private readonly library: ClientLibrary
  private readonly settings: GatewaySettings
  private readonly onReady: () => void
  private readonly nodes = new Map<string, EngineNode>()
  private readonly slots: (EngineNode | undefined)[]
  private refreshing: Promise<void> | undefined = undefined
  private refreshedMs = 0

  constructor(library: ClientLibrary, settings: GatewaySettings, isCluster: boolean, onReady: () => void) {
    this.library = library
    this.settings = settings
    this.isCluster = isCluster
    this.onReady = onReady
    this.slots = new Array(isCluster ? SLOT_COUNT : 1).fill(undefined)
    if (!isCluster) this.slots[0] = this.nodeAt(settings.endpoints[0]!)
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
      node = new EngineNode(this.library, endpoint, this.settings, this.onReady)
      this.nodes.set(address, node)
    }
    return node
  }

  /** Asks for the slots again, but not all the time. */
  refreshSoon(): void {
    if (!this.isCluster || performance.now() - this.refreshedMs < REFRESH_MS_MIN) return
    void this.refresh()
  }

  /** Asks the nodes for the slots, one after another, until one knows them. */
  refresh(): Promise<void> {
    if (!this.isCluster) return Promise.resolve()
    this.refreshing ??= this.readSlots().finally(() => {
      this.refreshing = undefined
      this.refreshedMs = performance.now()
    })
    return this.refreshing
  }

  /** The first time, when no node is connected yet. */
  async refreshFirst(): Promise<void> {
    const seeds = this.settings.endpoints.map((endpoint) => this.nodeAt(endpoint))
    const deadline = performance.now() + this.settings.timeoutMs
    while (!seeds.some(({ isReady }) => isReady) && performance.now() < deadline) await sleep(POLL_MS)
    await this.refresh()
  }

  close(): void {
    for (const node of this.nodes.values()) node.close()
  }

  private async readSlots(): Promise<void> {
    const seeds = this.settings.endpoints.map((endpoint) => this.nodeAt(endpoint))
    for (const node of new Set([...this.nodes.values(), ...seeds])) {
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
    const kept = new Set<EngineNode>([
      ...this.primaries,
      ...this.settings.endpoints.map((endpoint) => this.nodeAt(endpoint)),
    ])
    for (const [address, node] of this.nodes) {
      if (kept.has(node) || node.inFlight > 0) continue
      node.close()
      this.nodes.delete(address)
    }
  }
}

/** First and last slot, and the primary; behind it the replicas. */
type SlotRange = readonly [first: number, last: number, primary: readonly [host: Buffer | null, port: number]]

const POLL_MS = 5
/** Many commands fail at once when a node is lost. */
const REFRESH_MS_MIN = 50
