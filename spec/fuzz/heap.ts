import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

/** Bytes of the heap that are in use once all garbage is gone. */
export function heapLength(): number {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as () => void
  }
  collect()
  return getHeapStatistics().used_heap_size
}

/**
 * However long a fuzz runs, no more than this may be left behind on the heap. Most of it are the views that windows keep of
 * themselves; what else there is comes to less than 200 bytes a connection in ten million frames.
 */
export const HEAP_GROWTH_MAX = 32 * 1024 * 1024
