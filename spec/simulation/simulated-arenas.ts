import { Arena } from '../../lib/arena/arena.js'

/** The arena of a simulated server, as its starting thread and each of its workers see it. */
export interface SimulatedArena {
  readonly first: Arena
  readonly workerSlots: readonly Arena[]
  /** The regions that no server expects to be zero, for each layout so far. */
  readonly unzeroed: Map<string, readonly Stretch[]>
}

export interface Stretch {
  readonly start: number
  readonly end: number
}

const arenas = new Map<number, SimulatedArena>()

/**
 * An arena as a new process has it. Creating one costs more than running a thousand requests, so that of an earlier
 * server is reused: all of it is zero except segments and buffers, which are written before they are read.
 */
export function arenaFor(workerCount: number, byteLength: number, layout: string): SimulatedArena {
  const found = arenas.get(workerCount) ?? make(workerCount, byteLength)
  arenas.set(workerCount, found)
  const views = [found.first, ...found.workerSlots] as unknown as { reservedEnd: number }[]
  for (const view of views) view.reservedEnd = FIRST_REGION
  let start = 0
  for (const stretch of [...(found.unzeroed.get(layout) ?? []), { start: byteLength, end: byteLength }]) {
    found.first.bytes.fill(0, start, stretch.start)
    start = stretch.end
  }
  return found
}

function make(workerCount: number, byteLength: number): SimulatedArena {
  const first = Arena.create(byteLength, workerCount)
  const attach = (worker: number): Arena => Arena.attach(first.memory, { worker, workerCount })
  const workerSlots =
    workerCount === 1 ? [first] : Array.from({ length: workerCount }, (_, worker) => attach(worker))
  return { first, workerSlots, unzeroed: new Map() }
}

const FIRST_REGION = 64
