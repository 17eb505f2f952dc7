import { randomBytes } from 'node:crypto'
import {
  ADMIN_LISTING_COUNT_MAX,
  ADMIN_RESPONSES_LENGTH_MAX,
  ADMIN_VALUES_LENGTH_MAX,
} from '../request/limits.js'
import type { AdminAccess } from '../server/admin-access.js'
import { History } from './history/history.js'
import { Budget } from './http/budget.js'
import { LoopDelay } from './metrics/loop-delay.js'

/** What all requests to one admin listener share. */
export class Admin {
  readonly access: AdminAccess
  /** Distinguishes the cursors of this server from those of others, and of its earlier lives. */
  readonly id = randomBytes(4).toString('hex')
  /** Bytes of values on their way. */
  readonly values = new Budget(ADMIN_VALUES_LENGTH_MAX)
  /** Bytes of other responses that are not read yet. */
  readonly responses = new Budget(ADMIN_RESPONSES_LENGTH_MAX)
  readonly listings = new Budget(ADMIN_LISTING_COUNT_MAX)
  readonly profiles = new Budget(1)
  readonly loopDelay = new LoopDelay()
  readonly history: History
  /** Each ends a response that has no end of its own. */
  readonly streams = new Set<() => void>()

  constructor(access: AdminAccess) {
    this.access = access
    this.history = new History(access)
  }

  close(): void {
    this.loopDelay.close()
    this.history.close()
    for (const end of [...this.streams]) end()
  }
}
