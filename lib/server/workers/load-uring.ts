import { isMainThread } from 'node:worker_threads'
import type { RingMemory } from '../wires/uring/ring-memory.js'
import type { Uring } from '../wires/uring/uring.js'
import type { Log } from './log.js'

/** A program may end a thread of its own at any time, and then nobody closes the ring of a server in it: so there it needs to be asked for. */
export const USUAL_IO_URING = isMainThread ? null : false

/** The ring of a worker; undefined where it cannot be used. Where it is turned off there is no memory for it, and no code is loaded. */
export async function loadUring(
  memory: RingMemory | undefined,
  log: Log | undefined,
): Promise<Uring | undefined> {
  if (memory === undefined) return undefined
  const { openUring } = await import('../wires/uring/open-uring.js')
  return openUring(memory, log)
}

/** The thread of this worker has ended: closes its ring, if it has not done so itself. */
export async function closeLeftRing(memory: RingMemory | undefined, worker: number): Promise<void> {
  const record = memory?.recordOf(worker)
  if (record?.isOpen !== true) return
  const { loadSystemCalls } = await import('../wires/uring/system-calls.js')
  record.close(loadSystemCalls())
}
