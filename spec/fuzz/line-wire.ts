import { ok as assert } from 'node:assert/strict'
import { Connection } from '../../lib/server/connection/connection.js'
import type { Worker } from '../../lib/server/connection/worker.js'
import type { Wire } from '../../lib/server/wires/wire.js'
import type { Random } from '../support/random.js'

/** How a stream arrives and how its replies are sent. */
export interface Manner {
  /** The length of the next piece. */
  pieceLength(): number
  /** Whether the socket is full now. */
  isFull(): boolean
  /** Whether the socket asks for a buffer as soon as the last is used, or only when it has bytes. */
  readonly asksEarly: boolean
}

export const PLAIN_MANNER: Manner = {
  pieceLength: () => Number.POSITIVE_INFINITY,
  isFull: () => false,
  asksEarly: false,
}

export const randomManner = (random: Random): Manner => ({
  pieceLength: () => 1 + random.below(random.pick([4, 100, 3000, 20_000])),
  isFull: () => random.chance(0.2),
  asksEarly: random.chance(0.5),
})

/** Sends a stream to a connection. Returns all replies, and whether the server has closed it. */
export async function playLines(
  worker: Worker,
  stream: Buffer,
  manner: Manner,
): Promise<{ replies: Buffer; hasEnded: boolean }> {
  const heard: Buffer[] = []
  const waiting: Buffer[] = []
  let hasEnded = false
  let isReading = true
  const end = () => {
    hasEnded = true
  }
  const sendAll = (pieces: Buffer[]): boolean => {
    if (waiting.length > 0 || manner.isFull()) waiting.push(...pieces)
    else heard.push(...pieces.map((bytes) => Buffer.from(bytes)))
    return waiting.length === 0
  }
  const wire: Wire = {
    send: (bytes) => sendAll([bytes]),
    sendAll,
    pause: () => {
      isReading = false
    },
    resume: () => {
      isReading = true
    },
    endSending: end,
    finish: end,
    destroy: end,
    remoteAddress: '',
    localAddress: '',
  }
  const connection = new Connection(worker, 1, () => undefined)
  connection.wire = wire
  const takeWaiting = () => {
    while (waiting.length > 0) {
      heard.push(...waiting.splice(0).map((bytes) => Buffer.from(bytes)))
      connection.drained()
    }
  }
  let buffer = connection.nextBuffer()
  for (let start = 0; !hasEnded && (start < stream.length || !isReading); ) {
    if (waiting.length > 0) {
      takeWaiting()
    } else if (!isReading) {
      // Others have their turn.
      await new Promise((resolve) => setImmediate(resolve))
    } else {
      if (!manner.asksEarly) buffer = connection.nextBuffer()
      const length = Math.min(buffer.length, stream.length - start, manner.pieceLength())
      stream.copy(buffer, 0, start, start + length)
      start += length
      isReading = connection.received(length)
      assert(waiting.length === 0 || !isReading, 'more is read while replies wait')
      if (manner.asksEarly) buffer = connection.nextBuffer()
    }
  }
  for (let turn = 0; turn < LAST_TURNS; turn++) {
    takeWaiting()
    await new Promise((resolve) => setImmediate(resolve))
  }
  takeWaiting()
  connection.closed()
  return { replies: Buffer.concat(heard), hasEnded }
}

/** The journal may take this long, and connections may wait for their turn this long. */
const LAST_TURNS = 5
