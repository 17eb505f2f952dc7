import { type ChildProcess, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'iovalkey'
import type { Peer } from './peers.js'
import { endRedis, spawnRedis } from './redis-process.js'
import { freePort, type ServerProcess, startServer } from './server.js'

/** The engine of a gateway. */
export const REDIS: Peer = {
  name: 'redis-server',
  isThere: () => spawnSync('redis-server', ['--version']).status === 0,
}

interface RedisNeeds {
  /** Any free one otherwise. */
  readonly port?: number
  readonly password?: string
  readonly busPort?: number
}

/** One redis-server of this machine, without anything on disk. It is stopped by its process. */
export class RedisNode {
  readonly port: number
  /** Where other nodes of the cluster connect to. */
  readonly busPort: number
  readonly client: Redis
  readonly process: ChildProcess
  private readonly folder: string

  private constructor(
    port: number,
    process: ChildProcess,
    folder: string,
    { password, busPort = 0 }: RedisNeeds,
  ) {
    this.port = port
    this.busPort = busPort
    this.process = process
    this.folder = folder
    this.client = new Redis({
      host: '127.0.0.1',
      port,
      maxRetriesPerRequest: null,
      ...(password === undefined ? {} : { password }),
      retryStrategy: () => RETRY_MS,
    })
    this.client.on('error', () => undefined)
  }

  static async start(options: readonly string[] = [], needs: RedisNeeds = {}): Promise<RedisNode> {
    const port = needs.port ?? (await freePort())
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-redis-'))
    const place = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder]
    const words = [...place, '--save', '', '--loglevel', 'warning', ...options]
    const process = spawnRedis(words)
    const node = new RedisNode(port, process, folder, needs)
    await node.client.ping().catch(() => undefined)
    return node
  }

  get uri(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** The reply to a CLUSTER command. */
  async ask(...words: string[]): Promise<string> {
    return String(await this.client.call('cluster', ...words))
  }

  async stop(): Promise<void> {
    this.client.disconnect()
    await endRedis(this.process)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Three primaries, each with a replica, or more. */
export class RedisCluster {
  /** The primaries, and behind them replicas of each in turn. */
  readonly nodes: readonly RedisNode[]

  private constructor(nodes: readonly RedisNode[]) {
    this.nodes = nodes
  }

  static async start({ replicaCount = 1 } = {}): Promise<RedisCluster> {
    const length = PRIMARY_COUNT * (1 + replicaCount)
    const nodes = await Promise.all(Array.from({ length }, () => startMember()))
    const cluster = new RedisCluster(nodes)
    await cluster.join()
    return cluster
  }

  get primaries(): readonly RedisNode[] {
    return this.nodes.slice(0, PRIMARY_COUNT)
  }

  /** Every replica of a primary is one that WAIT counts. */
  async untilReplicated(): Promise<void> {
    const count = String(this.nodes.length / PRIMARY_COUNT - 1)
    for (const { client } of this.primaries)
      await untilTrue(async () => String(await client.call('wait', count, '1000')) === count)
  }

  /** All nodes, as one address. */
  get uri(): string {
    return `redis://${this.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()))
  }

  private async join(): Promise<void> {
    const size = Math.ceil(SLOT_COUNT / PRIMARY_COUNT)
    for (const [index, { client }] of this.primaries.entries()) {
      await client.call('cluster', 'set-config-epoch', `${index + 1}`)
      const last = Math.min(SLOT_COUNT, (index + 1) * size) - 1
      await client.call('cluster', 'addslotsrange', `${index * size}`, `${last}`)
    }
    const [first, ...others] = this.nodes
    const meet = ['meet', '127.0.0.1', `${first!.port}`, `${first!.busPort}`]
    for (const { client } of others) await client.call('cluster', ...meet)
    for (const node of this.nodes)
      await untilTrue(async () => {
        const lines = (await node.ask('nodes')).trimEnd().split('\n')
        return lines.length === this.nodes.length && !lines.some((line) => line.includes('handshake'))
      })
    for (const [index, replica] of this.nodes.slice(PRIMARY_COUNT).entries()) {
      const id = await this.primaries[index % PRIMARY_COUNT]!.ask('myid')
      await untilTrue(() => replica.client.call('cluster', 'replicate', id).then(yes, no))
    }
    for (const node of this.nodes)
      await untilTrue(async () => (await node.ask('info')).includes('cluster_state:ok'))
  }
}

async function startMember(): Promise<RedisNode> {
  const busPort = await freePort()
  return RedisNode.start([...CLUSTER_OPTIONS, '--cluster-port', `${busPort}`], { busPort })
}

/** A gateway before the engine, for the specs of a suite. Its keys have a prefix of their own. */
export async function startGateway(
  engine: { readonly uri: string },
  options: readonly string[] = [],
): Promise<ServerProcess> {
  return startServer({ options: ['-t', '1', '--gateway', engine.uri, ...options] })
}

/** An engine for all the specs of a suite. */
export function useEngine<Engine extends { stop(): Promise<void> }>(
  start: () => Promise<Engine>,
): () => Engine {
  let engine: Engine | undefined
  before(async () => {
    engine = await start()
  })
  after(() => engine?.stop())
  return () => engine!
}

const PRIMARY_COUNT = 3
const SLOT_COUNT = 16384
const CLUSTER_OPTIONS = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000']
const RETRY_MS = 20
const PATIENCE_MS = 30_000
const POLL_MS = 20

const yes = (): boolean => true
const no = (): boolean => false

/** Nodes of a cluster need a while to hear of each other. */
export async function untilTrue(ask: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`not true after ${patienceMs} ms: ${ask}`)
    await sleep(POLL_MS)
  }
}
