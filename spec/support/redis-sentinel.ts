import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'iovalkey'
import { RedisNode, untilTrue } from './redis.js'
import { endRedis, spawnRedis } from './redis-process.js'
import { freePort } from './server.js'

interface SentinelNeeds {
  /** That clients of the sentinels must give. The servers have the same one. */
  readonly password?: string
}

/** A primary, a replica, and three sentinels that watch them. */
export class WatchedRedis {
  static readonly NAME = 'main'
  readonly servers: readonly RedisNode[]
  readonly sentinels: readonly RedisSentinel[]
  private readonly login: string

  private constructor(
    servers: readonly RedisNode[],
    sentinels: readonly RedisSentinel[],
    { password }: SentinelNeeds,
  ) {
    this.servers = servers
    this.sentinels = sentinels
    this.login = password === undefined ? '' : `:${password}@`
  }

  static async start(needs: SentinelNeeds = {}): Promise<WatchedRedis> {
    const { password } = needs
    const login = password === undefined ? [] : ['--requirepass', password, '--masterauth', password]
    const options = ['--repl-diskless-sync-delay', '0', ...login]
    const primary = await RedisNode.start(options, needs)
    const replica = await RedisNode.start([...options, '--replicaof', '127.0.0.1', `${primary.port}`], needs)
    await untilTrue(async () => String(await primary.client.call('wait', '1', '500')) === '1')
    const sentinels = await Promise.all([0, 1, 2].map(() => RedisSentinel.start(primary.port, needs)))
    for (const { client } of sentinels) {
      await untilTrue(async () => {
        const [replicas, others] = await Promise.all(
          ['replicas', 'sentinels'].map((what) => client.call('sentinel', what, WatchedRedis.NAME)),
        )
        return (replicas as unknown[]).length === 1 && (others as unknown[]).length === 2
      })
    }
    return new WatchedRedis([primary, replica], sentinels, needs)
  }

  get uri(): string {
    const places = this.sentinels.map(({ port }) => `127.0.0.1:${port}`)
    return `redis+sentinel://${this.login}${places.join(',')}/${WatchedRedis.NAME}`
  }

  async stop(): Promise<void> {
    await Promise.all([...this.servers, ...this.sentinels].map((each) => each.stop()))
  }
}

class RedisSentinel {
  readonly port: number
  readonly client: Redis
  readonly process: ChildProcess
  private readonly folder: string

  private constructor(port: number, process: ChildProcess, folder: string, { password }: SentinelNeeds) {
    this.port = port
    this.process = process
    this.folder = folder
    const login = password === undefined ? {} : { password }
    this.client = new Redis({ port, maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS, ...login })
    this.client.on('error', () => undefined)
  }

  static async start(primaryPort: number, needs: SentinelNeeds): Promise<RedisSentinel> {
    const port = await freePort()
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-sentinel-'))
    const file = join(folder, 'sentinel.conf')
    writeFileSync(file, configuration(port, primaryPort, folder, needs))
    const process = spawnRedis([file, '--sentinel'])
    const sentinel = new RedisSentinel(port, process, folder, needs)
    await sentinel.client.ping()
    return sentinel
  }

  async stop(): Promise<void> {
    this.client.disconnect()
    await endRedis(this.process)
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function configuration(
  port: number,
  primaryPort: number,
  folder: string,
  { password }: SentinelNeeds,
): string {
  const { NAME } = WatchedRedis
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${NAME} 127.0.0.1 ${primaryPort} 2`,
    `sentinel down-after-milliseconds ${NAME} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} 5000`,
    ...(password === undefined
      ? []
      : [
          `requirepass ${password}`,
          `sentinel auth-pass ${NAME} ${password}`,
          `sentinel sentinel-pass ${password}`,
        ]),
  ]
  return `${lines.join('\n')}\n`
}

const RETRY_MS = 20
const DOWN_AFTER_MS = 1000
