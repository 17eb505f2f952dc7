import {
  COMPLETION_WORDS,
  COMPLETIONS_WAIT,
  ENTER_GETEVENTS,
  EVENTFD_DISABLED,
  FEATURES,
  IO_URING_ENTER,
  IO_URING_SETUP,
  MAP_RING,
  NO_COMPLETION,
  Opcode,
  PARAMS,
  putAddress,
  SETUP_FLAGS,
  SUBMISSION_WORDS,
  SUBMISSIONS_OFFSET,
  WORK_WAITS,
} from './layout.js'
import { Mapping } from './mapping.js'
import type { RingRecord } from './ring-record.js'
import type { SystemCalls } from './system-calls.js'

/** What is asked of the kernel: a record that is used again. */
export interface Submission {
  opcode: Opcode
  /** Flags and priority, as in the first word of an entry. */
  flags: number
  fd: number
  /** Where bytes to send are; 0 for a read, whose buffer the kernel chooses. */
  address: number
  length: number
  /** Of the operation itself. */
  operationFlags: number
  slot: number
  /** A request that repeats itself ends when it has received so many bytes; 0 for others. */
  limit: number
}

export interface QueueCounts {
  readonly submissionCount: number
  readonly completionCount: number
}

/**
 * The two queues of a ring. Only the thread that has opened it may use it.
 *
 *     put ──▶ submissions ──enter──▶ kernel ──enter──▶ completions ──▶ next
 *
 * A submission waits in the queue until the kernel has taken it. A call may take fewer than there are: so their count is always
 * that of the queue. Completions that find no room wait in the kernel, and come with a later call.
 */
export class Queues {
  /** The ring's descriptor. */
  readonly fd: number
  /** Of the completion that `next` has found. */
  slot = 0
  opcode = 0
  result = 0
  flags = 0
  private readonly system: SystemCalls
  private readonly record: RingRecord
  private readonly words: Int32Array
  private readonly submissions: Int32Array
  private readonly submissionMask: number
  private readonly completionMask: number
  /** Places of words. */
  private readonly submissionHead: number
  private readonly submissionTail: number
  private readonly submissionFlags: number
  private readonly completionHead: number
  private readonly completionTail: number
  private readonly completionFlags: number
  private readonly completions: number
  /** How far submissions are written, and completions read. */
  private tail = 0
  private head = 0
  /** How far `find` has come. */
  private searched = 0

  private constructor(system: SystemCalls, fd: number, params: DataView, record: RingRecord) {
    const at = (offset: number): number => params.getUint32(offset, true)
    const submissionCount = at(PARAMS.SUBMISSION_COUNT)
    const completionCount = at(PARAMS.COMPLETION_COUNT)
    const array = at(PARAMS.SUBMISSION_ARRAY) >>> 2
    this.completions = at(PARAMS.COMPLETIONS) >>> 2
    const wordCount = Math.max(array + submissionCount, this.completions + completionCount * COMPLETION_WORDS)
    this.system = system
    this.fd = fd
    this.record = record
    const ring = Mapping.of(system, wordCount * WORD_LENGTH, MAP_RING, fd, 0)
    const entriesLength = submissionCount * SUBMISSION_WORDS * WORD_LENGTH
    const entries = Mapping.of(system, entriesLength, MAP_RING, fd, SUBMISSIONS_OFFSET)
    record.note(fd, ring, entries)
    this.words = new Int32Array(ring.memory)
    this.submissions = new Int32Array(entries.memory)
    this.submissionMask = submissionCount - 1
    this.completionMask = completionCount - 1
    this.submissionHead = at(PARAMS.SUBMISSION_HEAD) >>> 2
    this.submissionTail = at(PARAMS.SUBMISSION_TAIL) >>> 2
    this.submissionFlags = at(PARAMS.SUBMISSION_FLAGS) >>> 2
    this.completionHead = at(PARAMS.COMPLETION_HEAD) >>> 2
    this.completionTail = at(PARAMS.COMPLETION_TAIL) >>> 2
    this.completionFlags = at(PARAMS.COMPLETION_FLAGS) >>> 2
    // Entries are used in their order.
    for (let index = 0; index < submissionCount; index++) this.words[array + index] = index
  }

  /** Throws if this kernel has no io_uring, or not all that is needed, or forbids it. */
  static open(
    system: SystemCalls,
    { submissionCount, completionCount }: QueueCounts,
    record: RingRecord,
  ): Queues {
    return Mapping.lend(system, PARAMS.LENGTH, ({ address }, params) => {
      params.setUint32(PARAMS.COMPLETION_COUNT, completionCount, true)
      params.setUint32(PARAMS.FLAGS, SETUP_FLAGS, true)
      const fd = system.callWith(IO_URING_SETUP, submissionCount, address, 0, 0)
      if (fd < 0)
        throw new Error(
          'this kernel has no io_uring, or an old one, or forbids it, or locked memory (ulimit -l) is used up',
        )
      try {
        if ((params.getUint32(PARAMS.FEATURES, true) & FEATURES) !== FEATURES)
          throw new Error('the io_uring of this kernel lacks features')
        return new Queues(system, fd, params, record)
      } catch (error) {
        system.close(fd)
        throw error
      }
    })
  }

  close(): void {
    this.record.close(this.system)
  }

  // ─── submissions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** How many submissions the kernel has not taken. */
  get waitingCount(): number {
    return (this.tail - Atomics.load(this.words, this.submissionHead)) | 0
  }

  get isFull(): boolean {
    return this.waitingCount > this.submissionMask
  }

  /** False if the queue is full. */
  put(submission: Submission): boolean {
    if (this.isFull) return false
    const { submissions } = this
    const at = (this.tail & this.submissionMask) * SUBMISSION_WORDS
    submissions[at] = submission.opcode | submission.flags
    submissions[at + 1] = submission.fd
    putAddress(submissions, at + 4, submission.address)
    submissions[at + 6] = submission.length
    submissions[at + 7] = submission.operationFlags
    submissions[at + 8] = submission.slot
    submissions[at + 9] = submission.opcode
    submissions[at + 11] = submission.limit
    this.tail = (this.tail + 1) | 0
    return true
  }

  /** The kernel has taken all submissions, and no completion waits in it for room. */
  get isSettled(): boolean {
    return (
      this.waitingCount === 0 && (Atomics.load(this.words, this.submissionFlags) & COMPLETIONS_WAIT) === 0
    )
  }

  /** The next call will find something. If it has just been made, the kernel has refused it. */
  get hasWork(): boolean {
    const flags = Atomics.load(this.words, this.submissionFlags)
    return (flags & (COMPLETIONS_WAIT | WORK_WAITS)) !== 0 || this.head !== this.completionEnd
  }

  /**
   * Whether the next call may find something. If the eventfd was on before this is asked, and the answer is no, it tells of what
   * comes later. Other processors than x64 may let the kernel read that the eventfd is off before its flag is seen: there it is yes.
   */
  get mayHaveWork(): boolean {
    return !KEEPS_ORDER || this.hasWork
  }

  /** Submissions of this slot that the kernel has not taken will do nothing, and complete as others do. */
  withdraw(slot: number): void {
    const { submissions } = this
    for (let index = (this.tail - this.waitingCount) | 0; index !== this.tail; index = (index + 1) | 0) {
      const at = (index & this.submissionMask) * SUBMISSION_WORDS
      if (submissions[at + 8] === slot) submissions[at] = Opcode.NOP | (submissions[at]! & NO_COMPLETION)
    }
  }

  /** Gives the kernel what waits, and lets it complete what it can. An error shows in what still waits. */
  enter(): void {
    const { waitingCount } = this
    Atomics.store(this.words, this.submissionTail, this.tail)
    this.system.call(IO_URING_ENTER, this.fd, waitingCount, 0, ENTER_GETEVENTS, 0, 0)
  }

  // ─── completions ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** One past the last completion that is there now. */
  get completionEnd(): number {
    return Atomics.load(this.words, this.completionTail)
  }

  /** Reads the next completion before `end`. False if there is none. */
  next(end: number): boolean {
    if (this.head === end) return false
    this.read(this.head)
    this.head = (this.head + 1) | 0
    return true
  }

  /** Reads a completion, without going on. */
  private read(index: number): void {
    const { words } = this
    const at = this.completions + (index & this.completionMask) * COMPLETION_WORDS
    this.slot = words[at]!
    this.opcode = words[at + 1]!
    this.result = words[at + 2]!
    this.flags = words[at + 3]!
  }

  /**
   * Reads the next completion of this opcode that no call has found yet, before those that `next` reads. False if there is none.
   */
  find(opcode: Opcode): boolean {
    const { words } = this
    const end = this.completionEnd
    while (this.searched !== end) {
      const index = this.searched
      this.searched = (index + 1) | 0
      if (words[this.completions + (index & this.completionMask) * COMPLETION_WORDS + 1] === opcode) {
        this.read(index)
        return true
      }
    }
    return false
  }

  /** The kernel may use the places of the completions that were read. */
  release(): void {
    Atomics.store(this.words, this.completionHead, this.head)
  }

  /** Whether completions are signalled on the eventfd. */
  set isAnnounced(isAnnounced: boolean) {
    Atomics.store(this.words, this.completionFlags, isAnnounced ? 0 : EVENTFD_DISABLED)
  }
}

const WORD_LENGTH = 4
/** A locked instruction is a barrier for later reads. */
const KEEPS_ORDER = process.arch === 'x64'
