import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Authenticator } from '../../lib/request/session.js'
import { createAuthenticator } from '../../lib/server/auth/auth.js'
import { Random } from '../support/random.js'
import { FuzzedWorker } from './fuzzed-worker.js'
import { PASSWORD_LINE } from './good-frame.js'

const MEGABYTE = 1024 * 1024
/** Frames between two checks of what connections leave behind. */
const FRAMES_PER_RUN = 20_000

/**
 * The whole path of requests, without sockets. Streams of valid and spoiled frames go to connections in pieces of any
 * length, sockets are full now and then, connections are reset. Every reply is checked, and what is left at the end.
 * A seed repeats a run.
 */
export class ConnectionFuzz {
  readonly seed: number
  private readonly workers: readonly FuzzedWorker[]

  constructor(seed: number) {
    this.seed = seed
    const random = new Random(seed)
    this.workers = [
      // Room for everything, and a turn for each connection.
      new FuzzedWorker(random, { memoryLength: 128 * MEGABYTE, requestsPerTurn: 20 }),
      // Too little room, and too few windows.
      new FuzzedWorker(random, { memoryLength: 4 * MEGABYTE, mayFlush: false, windowCount: 12 }),
      // Too little room, and no eviction.
      new FuzzedWorker(random, { memoryLength: 4 * MEGABYTE, mayFlush: false, mayEvict: false }),
      // Every client must log in.
      new FuzzedWorker(random, {
        memoryLength: 4 * MEGABYTE,
        requestsPerTurn: 3,
        authenticator: authenticator(),
      }),
    ]
  }

  get frameCount(): number {
    return this.sum(({ frameCount }) => frameCount)
  }

  get connectionCount(): number {
    return this.sum(({ connectionCount }) => connectionCount)
  }

  get replyCount(): number {
    return this.sum(({ replyCount }) => replyCount)
  }

  get brokenOffCount(): number {
    return this.sum(({ brokenOffCount }) => brokenOffCount)
  }

  /** Sends some thousand frames to each worker. Throws an error when something is wrong. */
  async run(): Promise<void> {
    try {
      for (const worker of this.workers) await worker.run(FRAMES_PER_RUN)
    } catch (error) {
      const message = `${(error as Error).message}, after ${this.frameCount} frames with seed ${this.seed}`
      throw new Error(message, { cause: error })
    }
  }

  private sum(count: (worker: FuzzedWorker) => number): number {
    return this.workers.reduce((total, worker) => total + count(worker), 0)
  }
}

function authenticator(): Authenticator {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-fuzz-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const users = join(folder, 'users')
  writeFileSync(users, PASSWORD_LINE)
  writeFileSync(join(folder, 'memcached.conf'), 'mech_list: plain cram-md5\n')
  return createAuthenticator({ MEMCACHED_SASL_PWDB: users, SASL_CONF_PATH: folder })
}
