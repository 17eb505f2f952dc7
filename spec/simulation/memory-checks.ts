import { expiryOf } from '../../lib/store/item/item.js'
import { State } from '../../lib/store/segments/segments.js'
import { memoriesOf, memoryInFocus } from '../support/memories.js'
import { checkInvariants } from '../support/store-invariants.js'
import type { Client } from './client.js'
import { Finding } from './finding.js'
import type { Oracle } from './oracle.js'

/** What must be true of the memory of a server between two requests. */
export function checkAllMemory(clients: readonly Client[], oracle: Oracle): void {
  for (const { judged } of clients) oracle.checkMemory(judged)
  const [{ worker }] = clients as [Client]
  for (const memory of memoriesOf(worker.store)) checkInvariants(memory.words, memory)
  const evictedCount = worker.count('evictions')
  if (evictedCount !== oracle.evictedCount)
    throw new Finding(`${evictedCount} evictions are counted, and ${oracle.evictedCount} were reported`)
}

/** When all reapers have finished, no expired item is left. */
export function checkReaped(clients: readonly Client[]): void {
  for (const client of clients) client.refreshClock()
  // A segment that one of them leaves unfinished is for another, which may be done by then.
  for (const { worker } of [...clients, ...clients])
    for (let count = 0; worker.store.memory.reap(REAPED_AT_ONCE); count++)
      if (count > REAPED_COUNT_MAX) return
  const [{ worker }] = clients as [Client]
  const { store, clock } = worker
  let overCount = 0
  for (let bucket = 0; bucket < store.visits.bucketCount; bucket++)
    store.visits.visitBucket(bucket, (item) => {
      const { segments, words } = memoryInFocus(store)
      const expiry = expiryOf(words, item)
      // A segment that is being swept is left to its sweeper.
      const isSwept = segments.state(segments.of(item)) === State.SWEEPING
      if (expiry !== 0 && expiry <= clock.now && !isSwept) overCount++
    })
  if (overCount > 0) throw new Finding(`${overCount} items that have expired are left by the reapers`)
}

/** No client reads anything any more. */
export function checkNothingPinned([client]: readonly Client[]): void {
  const pools = memoriesOf(client!.worker.store).map(({ segments }) => segments.pool)
  const pinnedCount = pools.reduce((sum, pool) => sum + pool.pinnedCount, 0)
  if (pinnedCount > 0) throw new Finding(`${pinnedCount} segments are pinned, and no reply needs them`)
}

const REAPED_AT_ONCE = 1000
const REAPED_COUNT_MAX = 1000
