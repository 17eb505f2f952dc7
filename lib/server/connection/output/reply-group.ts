import type { Window, WindowPool } from '../../../arena/window.js'
import type { SafetyWaiter } from '../../../journal/writing/waiters.js'

/** The outbox of a connection, as far as groups need it. */
export interface GroupMember {
  /** How many records the journal had after its last change. */
  changeCount: number
  /** A group holds replies of the connection. */
  readonly isHeld: boolean
  /** The journal is slow for the group. */
  delay(): void
  /**
   * Replies are safe, and to be sent; or they are lost. They are in those windows, and link to long values that are
   * pinned.
   */
  settled(isSafe: boolean, replies: Buffer | Buffer[], windows: readonly Window[], pins: number[]): void
  /** The group has been sent, or never will be. */
  leave(group: ReplyGroup, isSafe: boolean): void
}

/**
 * Replies of several connections that are sent together, once the journal has what all of them acknowledge. A connection may be
 * among them more than once.
 *
 *     windows   ┌─ of A ─┬─ of B ─┬─ of C ─┬─ of A ─┬─ ─ ─
 *               └────────┴────────┴────────┴────────┴─ ─ ─
 */
export class ReplyGroup implements SafetyWaiter {
  /** How many records must be safe. */
  changeCount = 0
  /** It was not safe at once: the journal is slow. */
  isDelayed = false
  /** All has been sent, or never will be. */
  isOver = false
  /** The replies, except for pinned values. */
  readonly windows: Window[] = []
  private readonly pool: WindowPool
  private readonly members: GroupMember[] = []
  private readonly replies: (Buffer | Buffer[])[] = []
  private readonly pins: number[][] = []

  constructor(pool: WindowPool) {
    this.pool = pool
  }

  get size(): number {
    return this.members.length
  }

  add(member: GroupMember, replies: Buffer | Buffer[], pins: number[]): void {
    this.changeCount = Math.max(this.changeCount, member.changeCount)
    this.members.push(member)
    this.replies.push(replies)
    this.pins.push(pins)
  }

  delay(): void {
    this.isDelayed = true
    for (const member of this.members) member.delay()
  }

  committed(isSafe: boolean): void {
    const { members, replies, pins, windows, pool } = this
    for (let index = 0; index < members.length; index++)
      members[index]!.settled(isSafe, replies[index]!, windows, pins[index]!)
    for (const window of windows.splice(0)) pool.give(window)
    replies.length = 0
    this.isOver = true
    for (const member of members.splice(0)) member.leave(this, isSafe)
  }
}
