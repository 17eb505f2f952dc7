import type { Arena } from '../../lib/arena/arena.js'
import { fromHalves } from '../../lib/arena/decimal.js'
import { casHigh, casLow, clientFlagsOf, expiryOf, valueLengthOf } from '../../lib/store/item/item.js'
import type { Store } from '../../lib/store/store.js'
import type { ItemState } from './key-model.js'

/** What reads an item. */
export type ReadStore = Pick<Store, 'words' | 'items'>

/** What is wrong with an item of a store, whose key has this state; undefined if it is right. */
export function itemComplaint(
  arena: Arena,
  store: ReadStore,
  item: number,
  state: ItemState,
): string | undefined {
  const { words } = store
  const cas = fromHalves(casHigh(words, item), casLow(words, item))
  if (cas !== state.cas) return `cas ${cas} in place of ${state.cas}`
  if (expiryOf(words, item) !== state.expiry)
    return `expiry ${expiryOf(words, item)} in place of ${state.expiry}`
  if (clientFlagsOf(words, item) !== state.clientFlags)
    return `flags ${clientFlagsOf(words, item)} in place of ${state.clientFlags}`
  if (valueLengthOf(words, item) !== state.value.length)
    return `${valueLengthOf(words, item)} bytes in place of ${state.value.length}`
  const parts: [number, number][] = []
  store.items.eachPart(item, { add: (start, length) => void parts.push([start, length]) })
  return valueComplaint(arena, state.value, parts.length, (index) => parts[index]!)
}

/** What is wrong with the parts of a value. */
export function valueComplaint(
  arena: Pick<Arena, 'view'>,
  value: Buffer,
  count: number,
  part: (index: number) => readonly [number, number],
): string | undefined {
  let done = 0
  for (let index = 0; index < count; index++) {
    const [start, length] = part(index)
    if (done + length > value.length) return `more than ${value.length} bytes`
    if (!arena.view(start, start + length).equals(value.subarray(done, done + length))) return 'another value'
    done += length
  }
  return done === value.length ? undefined : `${done} bytes in place of ${value.length}`
}
