import type { Arena } from '../../../arena/arena.js'
import type { PartialValue } from '../../../request/partial-value.js'
import { Request } from '../../../request/request.js'
import { Status } from '../../../request/status.js'
import { Trait } from '../../../request/trait.js'

/**
 * A request whose value is too long to wait for in a window, while the value arrives. The worker's one request record
 * serves others meanwhile, so its words are kept here; the key is in the item that is being filled.
 */
export class LongValue {
  readonly value: PartialValue
  /** The words of the request, without its places in the arena. */
  private readonly words = new Request()
  private readonly valueLength: number
  private readonly flags: Buffer
  /** How many bytes of the request after the value are still to come; they are the end of a line. */
  private endLength: number
  private isDamaged = false

  constructor(arena: Arena, request: Request, value: PartialValue, next: number) {
    this.value = value
    this.words.copyWords(request)
    this.valueLength = request.valueEnd - request.valueStart
    this.endLength = next - request.valueEnd
    this.flags =
      (request.traits & Trait.META) === 0
        ? NO_FLAGS
        : Buffer.from(arena.view(request.flagsStart, request.flagsEnd))
  }

  /** Nothing more is to come. */
  get isWhole(): boolean {
    return this.value.missing === 0 && this.endLength === 0
  }

  /** How many bytes are still to come. */
  get missing(): number {
    return this.value.missing + this.endLength
  }

  /** Checks the bytes after the value. Returns where the next request begins. */
  takeEnd(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    for (; at < end && this.endLength > 0; at++, this.endLength--) {
      if (bytes[at] !== LINE_END[LINE_END.length - this.endLength]) this.isDamaged = true
    }
    return at
  }

  /** Puts the request back into the record, as if it had just been decoded; its flags and its key to `flagsStart`. */
  restore(arena: Arena, request: Request, flagsStart: number): void {
    const { keyStart, keyLength } = this.value
    request.copyWords(this.words)
    if (this.isDamaged) request.traits |= Trait.DAMAGED
    request.staged = this.value
    request.refusal = Status.OK
    request.valueStart = 0
    request.valueEnd = this.valueLength
    request.flagsStart = flagsStart
    request.flagsEnd = flagsStart + this.flags.length
    arena.bytes.set(this.flags, flagsStart)
    request.keyStart = request.flagsEnd
    request.keyEnd = request.keyStart + keyLength
    arena.move(request.keyStart, keyStart, keyLength)
  }
}

const NO_FLAGS = Buffer.alloc(0)
const LINE_END = [0x0d, 0x0a]
