/** Connections over a ring, each seen from both sides. */
import { readdirSync } from 'node:fs'
import { expect } from 'chai'
import { Listener } from '../../lib/server/listening/listener.js'
import type { BareHandle } from '../../lib/server/wires/handle.js'
import { openWire } from '../../lib/server/wires/open-wire.js'
import type { QueueCounts } from '../../lib/server/wires/uring/queues.js'
import type { SystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import { Uring } from '../../lib/server/wires/uring/uring.js'
import { UringWire } from '../../lib/server/wires/uring/uring-wire.js'
import type { Wire, WireListener } from '../../lib/server/wires/wire.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { newRingMemory } from '../support/uring.js'

export const fileCount = (): number => readdirSync('/proc/self/fd').length

/** A connection over a ring. */
export class Pair implements WireListener {
  client!: Connection
  wire!: Wire
  buffer: Buffer = Buffer.alloc(BUFFER_LENGTH)
  text = ''
  isClosed = false
  mayRead = true

  received(length: number): boolean {
    this.text += this.buffer.toString('latin1', 0, length)
    return this.mayRead
  }

  nextBuffer(): Buffer {
    return this.buffer
  }

  ended(): void {
    this.wire.finish()
  }

  drained(): void {
    // Only sending is asked of it.
  }

  closed(): void {
    this.isClosed = true
  }

  async until(isSo: () => boolean): Promise<void> {
    expect(await eventually(true, async () => isSo()), `after ${this.text.length} bytes`).to.equal(true)
  }
}

const BUFFER_LENGTH = 20_000

export const fdOf = ({ wire }: Pair): number => (wire as UringWire).fd

export interface RigCounts extends Partial<QueueCounts> {
  readonly readBufferCount?: number
  /** How far behind the beginning of the arena its memory is. */
  readonly start?: number
  readonly repeatsReads?: boolean
}

/** Connections over one ring. */
export class Rig {
  readonly ring: Uring
  readonly pairs: Pair[] = []
  private readonly filesBefore = fileCount()
  private listener!: Listener
  private readonly accepted: ((handle: BareHandle) => void)[] = []

  constructor(
    system: SystemCalls,
    { readBufferCount, start, repeatsReads = false, ...counts }: RigCounts = {},
  ) {
    const { submissionCount = 64, completionCount = 128 } = counts
    const memory = newRingMemory(readBufferCount, {}, start)
    this.ring = Uring.open(system, memory, { submissionCount, completionCount })
    this.ring.repeatsReads = repeatsReads
  }

  async connect(count: number): Promise<readonly Pair[]> {
    const accept = (handle: unknown) => this.accepted.shift()!(handle as BareHandle)
    this.listener ??= (await Listener.openTcp('127.0.0.1', 0, { backlog: 64, verify: null, accept }))[0]!
    const made: Pair[] = []
    for (let n = 0; n < count; n++) {
      const handle = new Promise<BareHandle>((resolve) => this.accepted.push(resolve))
      const pair = new Pair()
      pair.client = await Connection.open({ host: '127.0.0.1', port: this.listener.port })
      pair.wire = openWire(await handle, pair, undefined, this.ring)
      expect(pair.wire).to.be.instanceOf(UringWire)
      made.push(pair)
    }
    this.pairs.push(...made)
    return made
  }

  /** Nothing is left over. */
  async close(): Promise<void> {
    for (const { wire, client } of this.pairs) {
      wire.destroy()
      client.close()
    }
    await this.listener?.close()
    this.ring.close()
    expect(await eventually(0, async () => this.ring.userCount)).to.equal(0)
    expect(await eventually(this.filesBefore, async () => fileCount())).to.equal(this.filesBefore)
  }
}
