import type { Arena } from '../arena/arena.js'
import type { Command } from '../request/command.js'
import type { PartialValue } from '../request/partial-value.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { keyLengthOf, keyStartOf } from '../store/item.js'

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
  private readonly clientFlags: number
  private readonly expiry: number
  private readonly casHigh: number
  private readonly casLow: number

  constructor(request: Request, value: PartialValue) {
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
  }

  /** Puts the request back into the record, as if it had just been decoded. */
  restore(arena: Arena, request: Request): void {
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
  }
}
