import { Command } from './command.js'
import type { PartialValue } from './partial-value.js'
import { Session } from './session.js'
import { Status } from './status.js'

/** The format of a requested list of items. */
export const ListKind = { METADUMP: 0, MGDUMP: 1, CACHEDUMP: 2 } as const
export type ListKind = (typeof ListKind)[keyof typeof ListKind]

/** How a client asks the server to end. */
export const ShutdownMode = { AT_ONCE: 0, GRACEFUL: 1, UNKNOWN: 2 } as const
export type ShutdownMode = (typeof ShutdownMode)[keyof typeof ShutdownMode]

/**
 * One request, as offsets into the arena and plain numbers. One record serves all the requests of a worker: a decoder
 * sets the fields that its command reads and does not change the others.
 *
 * 64-bit numbers are two signed 32-bit halves, because such halves are never allocated on the heap.
 */
export class Request {
  command: Command = Command.NOOP
  /** The session of the connection; set once for a batch. */
  session: Session = new Session()
  /**
   * Why the request cannot be run, whatever it is; OK if it can. The connection is closed after such a reply.
   */
  refusal: Status = Status.OK
  /** Leave out the reply that the client expects anyway: the command decides which one that is. */
  isQuiet = false
  /** Bits of `Trait`. */
  traits = 0
  /** The reply includes the key. */
  wantsKey = false
  /** The protocol's own number of the command: an opcode (binary), the row of a verb (text). */
  opcode = 0
  /** Returned as sent (binary). */
  opaque = 0

  keyStart = 0
  keyEnd = 0
  /** Where the value is; for a value that is still arriving, where it would be. */
  valueStart = 0
  valueEnd = 0
  /** A value that arrived in pieces is in the store already. */
  staged: PartialValue | undefined = undefined

  clientFlags = 0
  /** As sent: seconds from now, or an absolute time; 0: never; negative: at once. */
  expiry = 0
  /** The cas that the item must have, with `Trait.NAMES_CAS`. */
  casHigh = 0
  casLow = 0
  ownCasHigh = 0
  ownCasLow = 0
  vivifyExpiry = 0
  recacheExpiry = 0

  deltaHigh = 0
  deltaLow = 0
  initialHigh = 0
  initialLow = 0
  /** A missing counter is created with the initial value. */
  createsCounter = false

  /**
   * A reply that the decoder knows already, as its place in the table of such replies, 0 for none (text); used by NOOP,
   * and by LIST, which may be refused all the same.
   */
  answer = 0
  verbosity = 0
  /** The new memory limit of the server. */
  megabytes = 0
  shutdownMode: ShutdownMode = ShutdownMode.AT_ONCE
  listKind: ListKind = ListKind.METADUMP
  /** The maximum number of listed items, 0 for all. */
  listCountMax = 0
  /** The last key of its line (text). */
  isLastKey = false
  /** The words after a command that is not about items (text), or the flags of one that is (meta). */
  flagsStart = 0
  flagsEnd = 0

  /** Copies another request, except its session, its refusal, and the offsets of its parts. */
  copyWords(other: Request): void {
    this.command = other.command
    this.isQuiet = other.isQuiet
    this.traits = other.traits
    this.wantsKey = other.wantsKey
    this.opcode = other.opcode
    this.opaque = other.opaque
    this.clientFlags = other.clientFlags
    this.expiry = other.expiry
    this.casHigh = other.casHigh
    this.casLow = other.casLow
    this.ownCasHigh = other.ownCasHigh
    this.ownCasLow = other.ownCasLow
    this.vivifyExpiry = other.vivifyExpiry
    this.recacheExpiry = other.recacheExpiry
    this.deltaHigh = other.deltaHigh
    this.deltaLow = other.deltaLow
    this.initialHigh = other.initialHigh
    this.initialLow = other.initialLow
    this.createsCounter = other.createsCounter
    this.answer = other.answer
    this.verbosity = other.verbosity
    this.megabytes = other.megabytes
    this.shutdownMode = other.shutdownMode
    this.listKind = other.listKind
    this.listCountMax = other.listCountMax
    this.isLastKey = other.isLastKey
  }
}
