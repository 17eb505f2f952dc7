import { setTimeout as sleep } from 'node:timers/promises'
import { startMemcached } from '../../support/memcached.js'
import { MEMCACHED } from '../../support/peers.js'
import type { Random } from '../../support/random.js'
import { type ServerProcess, startServer } from '../../support/server.js'

type Start = (given: { port?: number }) => Promise<ServerProcess>

/** Servers of both kinds, of which one after the other is killed and started again on its port. */
export class MortalServers {
  killCount = 0
  readonly ports: readonly number[]
  private readonly random: Random
  private readonly starts: readonly Start[]
  private readonly servers: ServerProcess[]
  private readonly end = new AbortController()
  private readonly done: Promise<void>

  private constructor(random: Random, starts: readonly Start[], servers: ServerProcess[]) {
    this.random = random
    this.starts = starts
    this.servers = servers
    this.ports = servers.map(({ port }) => port)
    this.done = this.killOneByOne()
  }

  /** Three, of which one or two are the memcached of the machine, if it has one. */
  static async start(random: Random): Promise<MortalServers> {
    const keepcached: Start = (given) => startServer({ ...given, options: ['-m', '256', '-c', '4000'] })
    const memcached: Start = (given) => startMemcached({ ...given, options: ['-m', '256', '-c', '4000'] })
    const starts = MEMCACHED.isThere()
      ? [keepcached, memcached, random.pick([keepcached, memcached])]
      : [keepcached, keepcached, keepcached]
    return new MortalServers(random, starts, await Promise.all(starts.map((start) => start({}))))
  }

  /** From now on all of them live. */
  async stopKilling(): Promise<void> {
    this.end.abort()
    await this.done
  }

  async stop(): Promise<void> {
    await this.stopKilling()
    await Promise.all(this.servers.map((server) => server.stop()))
  }

  private async killOneByOne(): Promise<void> {
    const { signal } = this.end
    while (!signal.aborted) {
      await sleep(1000 + this.random.below(5000), undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const index = this.random.below(this.servers.length)
      this.killCount++
      await this.servers[index]!.stop('SIGKILL')
      await sleep(this.random.below(1000))
      this.servers[index] = await this.starts[index]!({ port: this.ports[index]! })
    }
  }
}
