import { isDead, isPiece, keyLengthOf, keyStartOf, ownerOf, sizeOf } from '../../lib/store/item/item.js'
import type { MemoryStore } from '../../lib/store/memory-store.js'
import { State } from '../../lib/store/segments/segments.js'
import { memoriesOf } from '../support/memories.js'
import type { Random } from '../support/random.js'
import type { SimulatedWorker } from './simulated-worker.js'

/** The key of an item that lies, whole or in part, in a segment which is being cleaned; undefined if there is none. */
export function sweptName(random: Random, { store }: SimulatedWorker): string | undefined {
  const swept = memoriesOf(store).flatMap((memory) =>
    ownersIn(memory).map((owner) => [memory, owner] as const),
  )
  if (swept.length === 0) return undefined
  const [{ words, bytes }, owner] = random.pick(swept)
  const start = keyStartOf(words, owner)
  return bytes.toString('latin1', start, start + keyLengthOf(words, owner))
}

function ownersIn({ segments, words }: MemoryStore): number[] {
  const owners: number[] = []
  for (let segment = 0; segment < segments.count; segment++) {
    if (segments.state(segment) !== State.SWEEPING) continue
    const end = segments.endWordOf(segment)
    for (let item = segments.firstWordOf(segment); item < end; item += sizeOf(words, item) >>> 2)
      if (!isDead(words, item)) owners.push(isPiece(words, item) ? ownerOf(words, item) : item)
  }
  return owners
}
