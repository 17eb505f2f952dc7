import { Arena } from '../../lib/arena/arena.js'
import { openUring } from '../../lib/server/wires/uring/open-uring.js'
import { RingMemory, type RingWishes } from '../../lib/server/wires/uring/ring-memory.js'

/** In an arena of its own, behind `start` bytes, with some room for replies. */
export function newRingMemory(readBufferCount?: number, wishes: RingWishes = {}, start = 0): RingMemory {
  const arena = Arena.create(start + RingMemory.regionLength(1, readBufferCount) + ROOM)
  arena.reserve(start)
  return new RingMemory(arena, wishes, readBufferCount)
}

const ROOM = 65_536
const PLACE_LENGTH = 8192

/** Moves a short reply to the arena, where those of a server are. One that has to wait needs a place of its own. */
export function toArena({ arena }: RingMemory, reply: Buffer, place = 0): Buffer {
  const start = arena.byteLength - ROOM / 2 + place * PLACE_LENGTH
  reply.copy(arena.bytes, start)
  return arena.view(start, start + reply.length)
}

/** What rings can do here. */
function probe(): { obstacle?: string; repeatsReads: boolean } {
  let obstacle: string | undefined
  const log = { say: (level: number, line: string) => (obstacle = level === 0 ? line : undefined) }
  const ring = openUring(newRingMemory(1, { isAskedFor: true }), log)
  ring?.close()
  return { ...(obstacle !== undefined && { obstacle }), repeatsReads: ring?.repeatsReads ?? false }
}

const PROBED = probe()

/** Why no spec of io_uring can run here; undefined if they can. */
export const URING_OBSTACLE: string | undefined = PROBED.obstacle
/** Whether this kernel repeats reads. */
export const REPEATS_READS: boolean = PROBED.repeatsReads

if (URING_OBSTACLE !== undefined) console.log(`specs of io_uring are left out: ${URING_OBSTACLE}`)
