/** One connection without a socket, and what it holds. */
import { line } from '../support/text-replies.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit, type WorkerKit, type WorkerKitOptions } from '../support/worker-kit.js'

export const MEGABYTE = 1024 * 1024
/** A worker reads into one, and writes replies into two. */
export const OWN_WINDOW_COUNT = 3

export function open(options: Partial<WorkerKitOptions> = {}): { kit: WorkerKit; wire: WireByHand } {
  const kit = createWorkerKit({ memoryLength: 16 * MEGABYTE, protocol: 'ascii', ...options })
  return { kit, wire: new WireByHand(kit.worker) }
}

export const set = (key: string, length: number): Buffer =>
  Buffer.concat([line(`set ${key} 0 0 ${length}`), Buffer.alloc(length, key), line('')])

/** The windows that all connections hold. */
export const takenBy = ({ worker }: WorkerKit): number => worker.pool.takenCount - OWN_WINDOW_COUNT
