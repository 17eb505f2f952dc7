import { Arena } from '../../lib/arena/arena.js'
import { hasBridges } from '../../lib/arena/bridge.js'
import { ADDRESS_STEP, moveBetween, moveInto } from '../../lib/arena/item-memory.js'
import { storeLengths } from '../../lib/store/create-store.js'
import { DividedStore } from '../../lib/store/divided-store.js'
import { StoreDriver } from './engine-driver.js'

/** Over a store whose items are in several memories, with every version of Node. */
export class DividedDriver extends StoreDriver<DividedStore> {
  constructor(memoryCount: number, memoryLength: number, mayEvict = true) {
    const lengths = storeLengths({ memoryCount, memoryLength, memoryLengthMax: 2 * memoryLength }, 1)
    const arena = dividedArena(lengths.byteLength + DividedDriver.regionLength(1), lengths.itemLengths)
    super(arena, DividedStore, { memoryLength, mayEvict, itemSizeMax: memoryLength / memoryCount / 2 })
  }
}

/** As `Arena.create`. Where WebAssembly knows only one memory, JavaScript moves and compares the bytes between two. */
export function dividedArena(byteLength: number, itemLengths: readonly number[]): Arena {
  if (hasBridges()) return Arena.create(byteLength, 1, itemLengths)
  const arena = Arena.create(byteLength)
  const itemMemories = itemLengths.map((length, index) => {
    const memory = Arena.create(length)
    memory.bytes.set(arena.bytes.subarray(0, HASH_KEY_LENGTH))
    // WebAssembly ignores the number of the memory in an address.
    const across: Arena['move'] = (target, source, count) =>
      void memory.bytes.set(arena.bytes.subarray(source, source + count), target >>> 0)
    return Object.assign(memory, {
      base: (index + 1) * ADDRESS_STEP,
      moveIn: moveInto(memory.move, across),
      moveOut: (target: number, source: number, count: number) =>
        void arena.bytes.set(memory.bytes.subarray(source >>> 0, (source >>> 0) + count), target),
      equalKey: (a: number, b: number, count: number) =>
        Number(memory.bytes.compare(arena.bytes, b, b + count, a, a + count) === 0),
      hashKey: arena.hash,
    })
  })
  return Object.assign(arena, { itemMemories, move: moveBetween(arena.move, itemMemories) })
}

const HASH_KEY_LENGTH = 16
