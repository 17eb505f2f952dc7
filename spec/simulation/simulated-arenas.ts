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

const arenas = new Map<string, SimulatedArena>()

/**
 * An arena as a new process has it. Creating one costs more than running a thousand requests, so that of an earlier
 * server is reused: all of it is zero except segments and buffers, which are written before they are read.
 */
export function arenaFor(
  workerCount: number,
  byteLength: number,
  itemLengths: readonly number[],
  layout: string,
): SimulatedArena {
  const name = `${workerCount} ${itemLengths.length}`
  const found = arenas.get(name) ?? make(workerCount, byteLength, itemLengths)
  arenas.set(name, found)
  const views = [found.first, ...found.workerSlots].flatMap((view) => [view, ...view.itemMemories])
  for (const view of views as unknown as { reservedEnd: number }[]) view.reservedEnd = FIRST_REGION
  for (const { bytes } of found.first.itemMemories) bytes.fill(0)
  let start = 0
  for (const stretch of [...(found.unzeroed.get(layout) ?? []), { start: byteLength, end: byteLength }]) {
    found.first.bytes.fill(0, start, stretch.start)
    start = stretch.end
  }
  return found
}

function make(workerCount: number, byteLength: number, itemLengths: readonly number[]): SimulatedArena {
  const first = Arena.create(byteLength, workerCount, itemLengths)
  const memories = first.itemMemories.map(({ memory }) => memory)
  const attach = (worker: number): Arena => Arena.attach(first.memory, { worker, workerCount }, memories)
  const workerSlots =
    workerCount === 1 ? [first] : Array.from({ length: workerCount }, (_, worker) => attach(worker))
  return { first, workerSlots, unzeroed: new Map() }
}

const FIRST_REGION = 64
