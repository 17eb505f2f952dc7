import type { MemoryStore } from '../../lib/store/memory-store.js'
import { memoryInFocus } from '../support/memories.js'
import type { Client } from './client.js'
import { Finding } from './finding.js'
import type { Oracle } from './oracle.js'

/** From now on the oracle hears of what is evicted; nothing may be where there is room to move it. */
export function judgeEvictions(clients: readonly Client[], oracle: Oracle): void {
  for (const { worker, judged } of clients) {
    const mayEvict = new Map<MemoryStore, boolean>()
    worker.store.memory.onEviction({
      evicted: (item) => {
        const memory = memoryInFocus(worker.store)
        if (mayEvict.get(memory) !== true && memory.segments.freeCount > 0)
          throw new Finding('an item is evicted where there is room to move it')
        oracle.noteEviction(judged, item)
      },
      clears: (_segment, isEvicting) => {
        mayEvict.set(memoryInFocus(worker.store), isEvicting)
        if (isEvicting) oracle.noteEvicting(judged)
      },
    })
  }
}
