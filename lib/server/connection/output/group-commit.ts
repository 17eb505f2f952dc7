import type { Arena } from '../../../arena/arena.js'
import type { Output } from '../../../arena/output.js'
import type { WindowPool } from '../../../arena/window.js'
import type { Journal } from '../../../journal/writing/journal.js'
import { type GroupMember, ReplyGroup } from './reply-group.js'

/** The journal, as connections see it. */
export type ConnectionJournal = Pick<
  Journal,
  'changeCount' | 'commit' | 'hasRoom' | 'isSafe' | 'wait' | 'waitForRoom'
>

/** The data directory, as connections see it. */
export interface KeptData {
  journal: ConnectionJournal | undefined
}

/** The worker, as far as this file needs it. */
interface Parts {
  readonly arena: Arena
  readonly output: Output
  readonly pool: WindowPool
  /** The data directory; undefined without one. */
  readonly data: KeptData | undefined
}

/**
 * One write of the journal for all changes by the connections of a worker in one turn of the event loop: a write costs
 * as much as ten changes. Until then their replies wait, and are sent together:
 *
 *     A has answered ─┐
 *     B has answered ─┼─▶ group ── end of the turn ──▶ journal written ──▶ replies of A, B and C sent
 *     C has answered ─┘
 *
 * If the journal is slow, the group waits for it, and the next ones wait behind it.
 */
export class GroupCommit {
  private readonly parts: Parts
  private group: ReplyGroup
  /** The last group that had to wait. */
  private delayed: ReplyGroup | undefined = undefined
  private isDue = false
  /** How many records there were before the batch, or the part of it that is flushed. */
  private seenCount = 0
  private readonly onTurnEnd = () => {
    this.isDue = false
    this.settle()
  }

  constructor(parts: Parts) {
    this.parts = parts
    this.group = new ReplyGroup(parts.pool)
  }

  /** A batch begins: earlier records belong to other connections. */
  begin(): void {
    this.seenCount = this.parts.data?.journal?.changeCount ?? 0
  }

  /** Records the changes of the batch as changes of the connection. */
  noteChanges(member: GroupMember): void {
    const changeCount = this.parts.data?.journal?.changeCount ?? 0
    if (changeCount <= this.seenCount) return
    this.seenCount = changeCount
    member.changeCount = changeCount
    this.settleSoon()
  }

  /** Whether replies of the connection have to wait: for its changes, or behind replies that wait already. */
  mustHold({ isHeld, changeCount }: GroupMember): boolean {
    const journal = this.parts.data?.journal
    return journal !== undefined && (isHeld || !journal.isSafe(changeCount))
  }

  /** Makes the replies of a batch wait. Returns their group, or undefined if there is no memory for them. */
  add(member: GroupMember, pins: number[]): ReplyGroup | undefined {
    const { group } = this
    const { output, arena } = this.parts
    const replies = output.replies(arena)
    output.handOver(group.windows)
    if (output.isBroken) return undefined
    group.add(member, replies, pins)
    this.settleSoon()
    return group
  }

  /** Many replies, and long ones, do not wait for the end of the turn. */
  settleIfFull(): void {
    const { size, windows } = this.group
    if (size >= GROUP_SIZE_MAX || windows.length > 1) this.settle()
  }

  private settleSoon(): void {
    if (this.isDue) return
    this.isDue = true
    setImmediate(this.onTurnEnd)
  }

  private settle(): void {
    const { group } = this
    const { pool, output, data } = this.parts
    const journal = data?.journal
    journal?.commit()
    if (journal === undefined || group.size === 0) return
    this.group = new ReplyGroup(pool)
    const isNext = this.delayed?.isOver ?? true
    if (isNext && journal.isSafe(group.changeCount)) {
      group.committed(true)
      output.rewind()
    } else {
      this.delayed = group
      group.delay()
      journal.wait(group.changeCount, group)
    }
  }
}

/** More would save nothing, and the first connection would wait longer. */
const GROUP_SIZE_MAX = 64
