import type { RingMemory } from '../wires/uring/ring-memory.js'
import type { Uring } from '../wires/uring/uring.js'
import type { Log } from './log.js'

/** The ring of a worker; undefined where it cannot be used. Without the option there is no memory for it, and no code is loaded. */
export async function loadUring(
  memory: RingMemory | undefined,
  log: Log | undefined,
): Promise<Uring | undefined> {
  if (memory === undefined) return undefined
  const { openUring } = await import('../wires/uring/open-uring.js')
  return openUring(memory, log)
}
