import type { Arena } from '../../arena/arena.js'
import type { Command } from '../../request/command.js'
import type { PartialValue } from '../../request/partial-value.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import { keyLengthOf, keyStartOf } from '../../store/item.js'

/**
 * A request whose value is too long to wait for in a window, while the value arrives. The worker's one request record
 * serves others meanwhile, so what it said is kept here; the key lies in the item that is being filled.
 */
export class LongValue {
  readonly value: PartialValue
  private readonly command: Command
  private readonly isQuiet: boolean
  private readonly wantsKey: boolean
  private readonly opcode: number
  private readonly opaque: number
  private readonly valueLength: number
  private readonly answer: number
  private readonly traits: number
  private readonly clientFlags: number
  private readonly expiry: number
  private readonly casHigh: number
  private readonly casLow: number
  private readonly ownCasHigh: number
  private readonly ownCasLow: number
  private readonly vivifyExpiry: number
  private readonly flags: Buffer
  /** How many bytes of the request stand behind the value, and have to come yet; they are the end of a line. */
  private endLength: number
  private isDamaged = false

  constructor(arena: Arena, request: Request, value: PartialValue, next: number) {
    this.value = value
    this.command = request.command
    this.isQuiet = request.isQuiet
    this.wantsKey = request.wantsKey
    this.opcode = request.opcode
    this.opaque = request.opaque
    this.valueLength = request.valueEnd - request.valueStart
    this.clientFlags = request.clientFlags
    this.expiry = request.expiry
    this.casHigh = request.casHigh
    this.casLow = request.casLow
    this.answer = request.answer
    this.traits = request.traits
    this.ownCasHigh = request.ownCasHigh
    this.ownCasLow = request.ownCasLow
    this.vivifyExpiry = request.vivifyExpiry
    this.endLength = next - request.valueEnd
    this.flags =
      (request.traits & Trait.META) === 0
        ? NO_FLAGS
        : Buffer.from(arena.view(request.flagsStart, request.flagsEnd))
  }

  /** Nothing has to come any more. */
  get isWhole(): boolean {
    return this.value.missing === 0 && this.endLength === 0
  }

  /** How many bytes are still to come. */
  get missing(): number {
    return this.value.missing + this.endLength
  }

  /** Looks at what has come behind the value. Returns where the next request begins. */
  takeEnd(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    for (; at < end && this.endLength > 0; at++, this.endLength--) {
      if (bytes[at] !== LINE_END[LINE_END.length - this.endLength]) this.isDamaged = true
    }
    return at
  }

  /** Puts the request back into the record, as if it had just been decoded; its flags to `flagsStart`. */
  restore(arena: Arena, request: Request, flagsStart: number): void {
    const { item } = this.value
    request.staged = this.value
    request.refusal = Status.OK
    request.command = this.command
    request.isQuiet = this.isQuiet
    request.wantsKey = this.wantsKey
    request.opcode = this.opcode
    request.opaque = this.opaque
    request.keyStart = keyStartOf(arena.words, item)
    request.keyEnd = request.keyStart + keyLengthOf(arena.words, item)
    request.valueStart = 0
    request.valueEnd = this.valueLength
    request.clientFlags = this.clientFlags
    request.expiry = this.expiry
    request.casHigh = this.casHigh
    request.casLow = this.casLow
    request.answer = this.answer
    request.traits = this.traits | (this.isDamaged ? Trait.DAMAGED : 0)
    request.ownCasHigh = this.ownCasHigh
    request.ownCasLow = this.ownCasLow
    request.vivifyExpiry = this.vivifyExpiry
    request.flagsStart = flagsStart
    request.flagsEnd = flagsStart + this.flags.length
    arena.bytes.set(this.flags, flagsStart)
  }
}

const NO_FLAGS = Buffer.alloc(0)
const LINE_END = [0x0d, 0x0a]
