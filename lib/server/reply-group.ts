import type { Window, WindowPool } from '../arena/window.js'
import type { SafetyWaiter } from '../journal/waiters.js'

/** A connection, as far as its replies are concerned. */
export interface Member {
  /** How many records the journal had after its last change. */
  readonly changeCount: number
  /** The journal takes its time. */
  delay(): void
  /** Sends replies that lie in those windows: they are safe. */
  sendHeld(replies: Buffer | Buffer[], windows: readonly Window[]): void
  /** The group has been sent, or never will be. */
  leave(group: ReplyGroup, isSafe: boolean): void
}

/**
 * Replies of several connections that go together, once the journal has what all of them acknowledge. A connection may be
 * among them more than once.
 *
 *     windows   ┌─ of A ─┬─ of B ─┬─ of C ─┬─ of A ─┬─ ─ ─
 *               └────────┴────────┴────────┴────────┴─ ─ ─
 */
export class ReplyGroup implements SafetyWaiter {
  /** So many records have to be safe. */
  changeCount = 0
  byteLength = 0
  /** The journal takes its time. */
  isDelayed = false
  /** All has been sent, or never will be. */
  isOver = false
  /** Where the replies lie, but for values that are pinned. */
  readonly windows: Window[] = []
  private readonly pool: WindowPool
  private readonly members: Member[] = []
  private readonly replies: (Buffer | Buffer[])[] = []

  constructor(pool: WindowPool) {
    this.pool = pool
  }

  get size(): number {
    return this.members.length
  }

  add(member: Member, replies: Buffer | Buffer[], byteLength: number): void {
    this.changeCount = Math.max(this.changeCount, member.changeCount)
    this.byteLength += byteLength
    this.members.push(member)
    this.replies.push(replies)
  }

  /** The journal takes its time: meanwhile nothing more is read from those connections. */
  delay(): void {
    this.isDelayed = true
    for (const member of this.members) member.delay()
  }

  committed(isSafe: boolean): void {
    const { members, replies, windows, pool } = this
    if (isSafe)
      for (let index = 0; index < members.length; index++) members[index]!.sendHeld(replies[index]!, windows)
    for (const window of windows) pool.give(window)
    this.isOver = true
    for (const member of members.splice(0)) member.leave(this, isSafe)
  }
}
