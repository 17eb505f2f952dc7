import { randomUUID } from 'node:crypto'
import type { GatewayParts } from '../gateway-parts.js'
import { CLAIM_FLUSH, END_FLUSH } from '../scripts/flush-scripts.js'
import type { Script } from '../scripts/script.js'
import { flushKeys } from './flush-keys.js'

/**
 * Carries out the delayed flush that any gateway has ordered. Every gateway looks every second; the first that finds it due
 * claims it, and renews the claim while it works. If it ends before, another one claims the flush.
 */
export class DelayedFlush {
  private readonly parts: GatewayParts
  private readonly gateway = randomUUID()
  private readonly timer: NodeJS.Timeout
  private isLooking = false
  private isRunning = false

  constructor(parts: GatewayParts) {
    this.parts = parts
    this.timer = setInterval(() => void this.look(), PERIOD_MS).unref()
  }

  close(): void {
    clearInterval(this.timer)
  }

  private async look(): Promise<void> {
    if (this.isLooking) return
    this.isLooking = true
    try {
      const command = { ...this.parts.reading('exists', NO_KEY), mayBeStale: false }
      const count = await new Promise((resolve) =>
        this.parts.router.send(command, { replied: resolve, failed: () => resolve(0) }),
      )
      const claimed =
        count === 1 ? await this.run(CLAIM_FLUSH, this.gateway, String(CLAIM_SECONDS)) : undefined
      if (Buffer.isBuffer(claimed) && !this.isRunning) void this.carryOut(claimed)
    } finally {
      this.isLooking = false
    }
  }

  /** A failure is reported. The claim is renewed or ends, and the flush begins again. */
  private async carryOut(name: Buffer): Promise<void> {
    this.isRunning = true
    try {
      await flushKeys(this.parts, this.parts.prefix, { keepsOrder: true })
      await this.run(END_FLUSH, name)
    } catch (error) {
      this.parts.report(
        `--gateway: a delayed flush has failed, and begins again: ${(error as Error).message}`,
      )
    } finally {
      this.isRunning = false
    }
  }

  /** Undefined if it has failed. */
  private run(script: Script, ...words: (string | Buffer)[]): Promise<unknown> {
    return new Promise((resolve) =>
      this.parts.run(script, NO_KEY, words, { replied: resolve, failed: () => resolve(undefined) }),
    )
  }
}

/** Behind the prefix. */
const NO_KEY = Buffer.alloc(0)
const PERIOD_MS = 1000
const CLAIM_SECONDS = 10
