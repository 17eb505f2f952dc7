import { expiryOf, keyLengthOf, MISSING } from '../../store/item/item.js'
import type { Store } from '../../store/store.js'
import type { Scratch } from './scratch.js'

/**
 * Removes the items of a recovered store that have expired at `time`. So they stay dead even if the old clock was ahead of the
 * current one: then the result is true.
 */
export function removeExpired(store: Store, scratch: Scratch, time: number): boolean {
  let wasClockAhead = false
  for (let bucket = 0; bucket < store.visits.bucketCount; bucket++) {
    for (const key of expiredKeysIn(store, scratch, bucket, time)) {
      const item = store.lock(scratch.copy(key, 0, key.length, 0), key.length)
      if (item !== MISSING) {
        if (expiryOf(store.words, item) > store.clock.now) wasClockAhead = true
        store.remove(item)
      }
      store.release()
    }
  }
  return wasClockAhead
}

function expiredKeysIn(store: Store, { arena }: Scratch, bucket: number, time: number): readonly Buffer[] {
  const keys: Buffer[] = []
  store.visits.visitBucket(bucket, (item) => {
    const expiry = expiryOf(store.words, item)
    if (expiry === 0 || expiry > time) return
    const start = store.keyAddress(item)
    keys.push(Buffer.from(arena.view(start, start + keyLengthOf(store.words, item))))
  })
  return keys
}
