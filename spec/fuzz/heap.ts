import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Bytes of the heap in use after a garbage collection. */
export function heapLength(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return getHeapStatistics().used_heap_size
}

/**
 * However long a fuzz runs, the heap may not grow by more than this. Most of it are the views that windows keep of
 * themselves; the rest is less than 200 bytes a connection in ten million frames.
 */
export const HEAP_GROWTH_MAX = 32 * 1024 * 1024
