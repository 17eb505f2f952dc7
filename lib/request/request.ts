import { Command } from './command.js'
import type { PartialValue } from './partial-value.js'
import { Session } from './session.js'
import { Status } from './status.js'

/** Which list of items a request asks for. */
export const ListKind = { METADUMP: 0, MGDUMP: 1, CACHEDUMP: 2 } as const
export type ListKind = (typeof ListKind)[keyof typeof ListKind]

/** How a client asks the server to end. */
export const ShutdownMode = { AT_ONCE: 0, GRACEFUL: 1, UNKNOWN: 2 } as const
export type ShutdownMode = (typeof ShutdownMode)[keyof typeof ShutdownMode]

/**
 * One request, as offsets into the arena and plain numbers. One record serves all the requests of a worker: a decoder
 * sets the fields that its command reads and leaves the others as they were.
 *
 * 64-bit numbers are two signed 32-bit halves, because such numbers never leave the processor's registers for the heap.
 */
export class Request {
  command: Command = Command.NOOP
  /** Of whose connection; set once for a batch. */
  session: Session = new Session()
  /**
   * Why the request cannot be carried out, whatever it asks; OK when it can. The connection ends after such a reply.
   */
  refusal: Status = Status.OK
  /** Leave out the reply that the sender expects anyway: which one that is depends on the command. */
  isQuiet = false
  /** Bits of `Trait`. */
  traits = 0
  /** The reply names the key. */
  wantsKey = false
  /** The protocol's own number for what is asked: an opcode (binary), the row of a verb (text). */
  opcode = 0
  /** Sent back as it came (binary). */
  opaque = 0

  keyStart = 0
  keyEnd = 0
  /** Where the value lies; of a value that is still arriving, where it would lie. */
  valueStart = 0
  valueEnd = 0
  /** A value that arrived in pieces lies in the store already. */
  staged: PartialValue | undefined = undefined

  clientFlags = 0
  /** As sent: seconds from now, an absolute time, 0 for never, negative for at once. */
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
  /** A counter that is not there begins with the initial value. */
  createsCounter = false

  /**
   * A reply that the decoder knows already, by its place in the table of such answers, 0 for none (text); read with NOOP,
   * and with LIST, which may be refused all the same.
   */
  answer = 0
  verbosity = 0
  /** The memory that the server is to have from now on. */
  megabytes = 0
  shutdownMode: ShutdownMode = ShutdownMode.AT_ONCE
  listKind: ListKind = ListKind.METADUMP
  /** List so many items at most, 0 for all. */
  listCountMax = 0
  /** The last key of its line (text). */
  isLastKey = false
  /** The words behind a command that is not about items (text), or the flags of one that is (meta). */
  flagsStart = 0
  flagsEnd = 0
}
