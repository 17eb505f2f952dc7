import type { Arena } from '../../../arena/arena.js'
import { checkSystemCalls } from './check-system-calls.js'
import { checkUring } from './check-uring.js'
import { MADV_HUGEPAGE } from './layout.js'
import type { RingMemory } from './ring-memory.js'
import { loadSystemCalls, type SystemCalls } from './system-calls.js'
import { Uring } from './uring.js'

interface WireLog {
  say(level: number, message: string): void
}

/** The ring of a worker, if the system allows it. Logs which wire serves. */
export function openUring(
  memory: RingMemory,
  log: WireLog | undefined,
  load: () => SystemCalls = loadSystemCalls,
): Uring | undefined {
  try {
    const system = load()
    const ring = openChecked(system, memory)
    if (memory.wishes.largePages) useLargePages(system, memory.arena)
    log?.say(1, `io_uring serves the connections, by ${system.source}`)
    return ring
  } catch (error) {
    log?.say(memory.wishes.isAskedFor ? 0 : 1, `io_uring does not serve: ${(error as Error).message}`)
    return undefined
  }
}

/** The kernel may refuse. */
function useLargePages(system: SystemCalls, arena: Arena): void {
  for (const { bytes } of [arena, ...arena.itemMemories])
    system.madvise(system.addressOf(bytes.buffer), bytes.length, MADV_HUGEPAGE)
}

function openChecked(system: SystemCalls, memory: RingMemory): Uring {
  checkSystemCalls(system)
  const ring = Uring.open(system, memory)
  try {
    checkUring(system, ring)
    return ring
  } catch (error) {
    ring.closeAtOnce()
    throw error
  }
}
