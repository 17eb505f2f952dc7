import { expect } from 'chai'
import { memoryOfHash } from '../../lib/store/index/buckets.js'
import type { Index } from '../../lib/store/index/index.js'
import { KeysAhead } from '../../lib/store/index/keys-ahead.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const KEYS_AHEAD_MAX = 20
const get = (key: string): Buffer => request(Op.GET, { key })

/** A connection with three items, and the keys that each call reads ahead. */
function serving() {
  const { worker, store } = createWorkerKit({ memoryLength: MEGABYTE })
  const wire = new WireByHand(worker)
  for (const key of ['a', 'bb', 'ccc'])
    wire.receive(request(Op.SET, { extras: itemExtras(), key, value: `value of ${key}` }))
  const ahead: string[][] = []
  const { keysAhead } = store
  const read = keysAhead.read.bind(keysAhead)
  keysAhead.read = (keys, filled) => {
    const pairs = Array.from(
      { length: filled / 2 },
      (_, pair) => [keys[2 * pair]!, keys[2 * pair + 1]!] as const,
    )
    ahead.push(pairs.map(([start, length]) => worker.arena.bytes.toString('latin1', start, start + length)))
    read(keys, filled)
  }
  Object.defineProperty(keysAhead, 'areMany', { value: true })
  return { wire, store, ahead }
}

describe('Keys of requests that have arrived', () => {
  it('are read before the first request of a batch', () => {
    const { wire, store, ahead } = serving()
    const words: number[] = []
    const { readItem } = store.index
    store.index.readItem = (...place) => {
      words.push(readItem.apply(store.index, place))
      return words.at(-1)!
    }
    wire.receive(Buffer.concat(['a', 'bb', 'no item', 'ccc'].map(get)))
    expect(ahead).to.deep.equal([['a', 'bb', 'no item', 'ccc']])
    expect(words.map((word) => word !== 0)).to.deep.equal([true, true, false, true])
  })

  it('are read for two requests, and not for a single one: that costs as much as it saves', () => {
    const { wire, ahead } = serving()
    wire.receive(get('a'))
    expect(ahead).to.deep.equal([])
    wire.receive(Buffer.concat(['bb', 'a'].map(get)))
    expect(ahead).to.deep.equal([['bb', 'a']])
  })

  it('are read up to twenty of a batch', () => {
    const { wire, ahead } = serving()
    const keys = Array.from({ length: KEYS_AHEAD_MAX + 1 }, (_, n) => `k${n}`)
    wire.receive(Buffer.concat(keys.map(get)))
    expect(ahead).to.deep.equal([keys.slice(0, -1)])
  })

  it('are not read in the text protocol', () => {
    const { worker, store } = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'ascii' })
    Object.defineProperty(store.keysAhead, 'areMany', { value: true })
    const wire = new WireByHand(worker)
    wire.receive('get a\r\nget b\r\n')
    wire.receive('get a\r\nget b\r\n')
    expect(wire.text).to.equal('END\r\n'.repeat(4))
  })

  it('are not read until there are many items', () => {
    const { store } = serving()
    const index = (bucketCount: number): Index => ({ bucketCount }) as Index
    const areMany = (...counts: number[]) => new KeysAhead(store.arena, counts.map(index)).areMany
    expect([
      areMany(65_536),
      areMany(65_537),
      areMany(32_768, 32_768),
      areMany(32_769, 32_768),
    ]).to.deep.equal([false, true, false, true])
  })

  it('are read in the memory of each', () => {
    const { store } = serving()
    const { arena } = store
    const asked: string[] = []
    const memories = [0, 1, 2].map((memory) => {
      const bucketOf = (hash: number) => memory * 100 + (hash & 1)
      const readItem = (hash: number, bucket: number) => asked.push(`${hash} ${bucket}`)
      return { words: new Int32Array(1), bucketOf, readItem } as unknown as Index
    })
    const keys = Int32Array.from({ length: 20 }, (_, word) => (word % 2 === 0 ? 64 + word : 2))
    new KeysAhead(arena, memories).read(keys, keys.length)
    const expected = Array.from({ length: 10 }, (_, key) => {
      const hash = arena.hash(64 + 2 * key, 2)
      return `${hash} ${memoryOfHash(hash, 3) * 100 + (hash & 1)}`
    })
    expect(asked).to.deep.equal(expected)
  })
})
