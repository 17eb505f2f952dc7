import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import wabt from 'wabt'
import { Arena } from '../../lib/arena/arena.js'
import { bridgeBytes, hasBridges } from '../../lib/arena/bridge.js'
import { ADDRESS_STEP } from '../../lib/arena/item-memory.js'

const TEXT = new URL('../../../lib/arena/bridge.wat', import.meta.url)

describe('the bridge between two memories', () => {
  it('is what its text compiles to', async () => {
    const { parseWat } = await wabt()
    const features = { threads: true, bulk_memory: true, multi_memory: true }
    const module = parseWat('bridge.wat', readFileSync(TEXT, 'utf8'), features)
    const { buffer } = module.toBinary({})
    module.destroy()
    expect(Buffer.from(buffer).equals(bridgeBytes())).equal(true)
  })

  it('is for Node 22 and later', () => {
    expect(hasBridges()).equal(Number.parseInt(process.versions.node, 10) >= 22)
  })
})

describe('an arena with item memories', () => {
  before(function () {
    if (!hasBridges()) this.skip()
  })

  const LENGTH = 8192
  const KEY = Buffer.from('a key of more than eight bytes')

  function arenas() {
    const first = Arena.create(LENGTH, 2, [LENGTH, LENGTH])
    const memories = first.itemMemories.map(({ memory }) => memory)
    const other = Arena.attach(first.memory, { worker: 1, workerCount: 2 }, memories)
    const place = first.reserve(1024)
    const items = first.itemMemories.map((memory) => memory.reserve(1024))
    return { first, other, place, items }
  }

  it('moves bytes between any address of a memory and the arena', () => {
    const { first, other, place, items } = arenas()
    first.bytes.set(KEY, place)
    for (const [index, memory] of first.itemMemories.entries()) {
      const address = memory.base + items[index]!
      expect(memory.base).equal((index + 1) * ADDRESS_STEP)
      first.move(address + index, place, KEY.length)
      expect(memory.bytes.subarray(items[index]! + index).subarray(0, KEY.length)).deep.equal(KEY)
      first.move(address + 100, address + index, KEY.length)
      other.move(place + 100, address + 100, KEY.length)
      expect(first.view(place + 100, place + 100 + KEY.length)).deep.equal(KEY)
      expect(other.view(address + 100, address + 100 + KEY.length)).deep.equal(KEY)
      first.bytes.fill(0, place + 100, place + 200)
    }
  })

  it('finds a key of the arena equal to one in a memory, and has the same hash for both', () => {
    const { first, place, items } = arenas()
    first.bytes.set(KEY, place)
    for (const [index, memory] of first.itemMemories.entries()) {
      const start = items[index]! + 1
      memory.moveIn(start, place, KEY.length)
      expect(memory.equalKey(start, place, KEY.length)).equal(1)
      expect(memory.hash(start, KEY.length)).equal(first.hash(place, KEY.length))
      expect(memory.hashKey(place, KEY.length)).equal(first.hash(place, KEY.length))
      for (const at of [0, 7, 8, KEY.length - 1]) {
        memory.bytes[start + at]!++
        expect(memory.equalKey(start, place, KEY.length), `${at}`).equal(0)
        memory.bytes[start + at]!--
      }
      memory.bytes[start + KEY.length] = 77
      expect(memory.equalKey(start, place, KEY.length)).equal(1)
    }
  })

  it('moves bytes within a memory from an address of it', () => {
    const { first, place, items } = arenas()
    const [memory] = first.itemMemories as [Arena]
    first.bytes.set(KEY, place)
    memory.moveIn(items[0]!, place, KEY.length)
    memory.moveIn(items[0]! + 200, memory.base + items[0]!, KEY.length)
    memory.moveOut(place + 300, items[0]! + 200, KEY.length)
    expect(first.view(place + 300, place + 300 + KEY.length)).deep.equal(KEY)
  })
})
