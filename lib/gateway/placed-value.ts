import type { Arena } from '../arena/arena.js'
import type { DeferredValue } from '../request/deferred-value.js'
import { BATCH_LENGTH_MAX } from '../request/limits.js'
import type { Reply } from '../request/reply.js'

/**
 * The value of the reply that is encoded next. Encoders read the arena: a value is copied there, unless it is so long that the
 * connection links it. Then it is copied as the client reads it.
 */
export class PlacedValue {
  private readonly arena: Arena
  private readonly start: number
  private value: Buffer | undefined = undefined

  constructor(arena: Arena, start: number) {
    this.arena = arena
    this.start = start
  }

  place(value: Buffer, reply: Reply): void {
    reply.valueLength = value.length
    reply.value.add(this.start, value.length)
    this.value = value
    if (value.length <= BATCH_LENGTH_MAX) this.arena.bytes.set(value, this.start)
  }

  defer(): DeferredValue {
    return new BufferValue(this.arena, this.value!)
  }

  copy(target: Uint8Array): void {
    if (this.value !== undefined) target.set(this.value)
  }

  release(): void {
    this.value = undefined
  }
}

class BufferValue implements DeferredValue {
  missing: number
  private readonly arena: Arena
  private readonly value: Buffer

  constructor(arena: Arena, value: Buffer) {
    this.arena = arena
    this.value = value
    this.missing = value.length
  }

  copyNext(target: number, length: number): boolean {
    const start = this.value.length - this.missing
    this.arena.bytes.set(this.value.subarray(start, start + length), target)
    this.missing -= length
    return true
  }
}
