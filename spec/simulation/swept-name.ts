import { isDead, isPiece, keyLengthOf, keyStartOf, ownerOf, sizeOf } from '../../lib/store/item/item.js'
import { State } from '../../lib/store/segments/segments.js'
import type { Random } from '../support/random.js'
import type { SimulatedWorker } from './simulated-worker.js'

/** The key of an item that lies, whole or in part, in a segment which is being cleaned; undefined if there is none. */
export function sweptName(random: Random, { arena, store }: SimulatedWorker): string | undefined {
  const { segments } = store
  const { words, bytes } = arena
  const owners: number[] = []
  for (let segment = 0; segment < segments.count; segment++) {
    if (segments.state(segment) !== State.SWEEPING) continue
    const end = segments.endWordOf(segment)
    for (let item = segments.firstWordOf(segment); item < end; item += sizeOf(words, item) >>> 2)
      if (!isDead(words, item)) owners.push(isPiece(words, item) ? ownerOf(words, item) : item)
  }
  if (owners.length === 0) return undefined
  const owner = random.pick(owners)
  const start = keyStartOf(words, owner)
  return bytes.toString('latin1', start, start + keyLengthOf(words, owner))
}
