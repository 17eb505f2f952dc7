import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { Wire, WireListener } from '../../lib/server/wires/wire.js'

export const BUFFER_LENGTH = 100
/** What the buffer holds before anything is read. */
export const MARKER = 0xee

/** Notes all that a wire says. */
export class Heard implements WireListener {
  wire!: Wire
  buffer = Buffer.alloc(BUFFER_LENGTH, MARKER)
  readonly bytes: Buffer[] = []
  readonly events: string[] = []
  /** Nothing may be read any more. */
  isOver = false
  onReceived: (length: number) => boolean = () => true
  onDrained = (): void => undefined

  received(length: number): boolean {
    this.bytes.push(Buffer.from(this.buffer.subarray(0, length)))
    return this.onReceived(length)
  }

  nextBuffer(): Buffer {
    expect(this.isOver, 'a buffer is asked for after the end').to.equal(false)
    return this.buffer
  }

  ended(): void {
    this.events.push('ended')
  }

  drained(): void {
    this.events.push('drained')
    this.onDrained()
  }

  closed(): void {
    this.events.push('closed')
  }

  get text(): string {
    return Buffer.concat(this.bytes).toString('latin1')
  }

  async until(isThere: () => boolean): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS
    while (!isThere()) {
      if (Date.now() > deadline)
        expect.fail(`in vain, after ${this.events.join(', ')} and ${this.text.length} bytes`)
      await nextTurn()
    }
  }
}

const PATIENCE_MS = 20_000
