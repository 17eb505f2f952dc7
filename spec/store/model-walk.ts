import { expect } from 'chai'
import { ADDRESS_STEP, numberOf } from '../../lib/arena/item-memory.js'
import { Command } from '../../lib/request/command.js'
import type { PartialValue } from '../../lib/request/partial-value.js'
import { Status } from '../../lib/request/status.js'
import type { Store } from '../../lib/store/store.js'
import type { StoreDriver } from '../support/engine-driver.js'
import { memoriesOf } from '../support/memories.js'
import type { Random } from '../support/random.js'
import { checkInvariants } from '../support/store-invariants.js'

interface ModelItem {
  value: Buffer
  clientFlags: number
  /** Absolute seconds, 0 for never. */
  expiry: number
  cas: number
}

interface Staged {
  partial: PartialValue
  value: Buffer
  key: string
  clientFlags: number
  filled: number
}

export interface WalkOptions {
  readonly memoryLength: number
  readonly mayEvict: boolean
  readonly keyCount: number
  readonly valueLengthMax: number
  /** The clock does not move, and nothing is flushed. */
  readonly isCalm?: boolean
}

export const MEGABYTE = 1024 * 1024
/** The first address of the memory that an address is in. */
const baseOf = (address: number): number => numberOf(address) * ADDRESS_STEP
/** Rolls from here on move the clock, flush and reap. Calm walks leave them out, so that items gather. */
const CALM_ROLLS = 960

/**
 * Random steps on a store and on a Map. The Map is so simple that it is right; whatever the store returns must be what
 * the Map holds. A store that may evict may also have lost a key, but only as many as it says it has evicted.
 */
export class Walk {
  private readonly model = new Map<string, ModelItem>()
  private readonly staged: Staged[] = []
  private readonly pinned: { places: number[]; bytes: Buffer[] }[] = []
  private flushTime = 0
  private lostCount = 0
  private highestCas = 0
  private readonly random: Random
  private readonly driver: StoreDriver<Store>
  private readonly memoryLength: number
  private readonly mayEvict: boolean
  private readonly keyCount: number
  private readonly valueLengthMax: number
  private readonly isCalm: boolean

  constructor(
    random: Random,
    driver: StoreDriver<Store>,
    { memoryLength, mayEvict, keyCount, valueLengthMax, isCalm = false }: WalkOptions,
  ) {
    this.random = random
    this.driver = driver
    this.memoryLength = memoryLength
    this.mayEvict = mayEvict
    this.keyCount = keyCount
    this.valueLengthMax = valueLengthMax
    this.isCalm = isCalm
  }

  step(): void {
    const { random } = this
    const roll = random.below(this.isCalm ? CALM_ROLLS : 1000)
    if (roll < 300) this.get()
    else if (roll < 600) this.store()
    else if (roll < 700) this.extend()
    else if (roll < 760) this.remove()
    else if (roll < 820) this.touch()
    else if (roll < 880) this.increment()
    else if (roll < 930) this.stageOrFill()
    else if (roll < CALM_ROLLS) this.pinOrUnpin()
    else if (roll < 990) this.advance()
    else if (roll < 993) this.flush()
    else if (roll < 995) this.limit()
    else this.driver.store.memory.reap(random.below(500))
  }

  check(): void {
    for (const memory of memoriesOf(this.driver.store)) {
      const reserved = this.staged.filter(({ partial }) => memory.arena.base === baseOf(partial.keyStart))
      checkInvariants(
        memory.words,
        memory,
        reserved.map(({ partial }) => partial.item),
      )
    }
    for (const { places, bytes } of this.pinned) {
      places.forEach((place, index) => {
        const now = this.driver.arena.view(place, place + bytes[index]!.length)
        expect(now.equals(bytes[index]!), 'pinned bytes have changed').equal(true)
      })
    }
  }

  finish(): void {
    while (this.pinned.length > 0) this.unpin()
    for (const { partial } of this.staged.splice(0)) partial.discard()
    for (let index = 0; index < this.keyCount; index++) this.compare(`key:${index}`)
    this.check()
  }

  private key(): string {
    return `key:${this.random.below(this.keyCount)}`
  }

  private value(): Buffer {
    const { random, valueLengthMax } = this
    const length = random.chance(0.05) ? random.below(valueLengthMax) : random.below(400)
    return random.bytes(length)
  }

  private expiry(): number {
    const { random } = this
    return random.chance(0.5) ? 0 : random.pick([1, 5, 60, 1000, 100_000, 2_592_000])
  }

  /** The live item of the model, after the store has looked for the same key and found nothing. */
  private live(key: string): ModelItem | undefined {
    const item = this.model.get(key)
    if (item === undefined) return undefined
    if (item.expiry === 0 || item.expiry > this.driver.clock.now) return item
    this.model.delete(key)
    return undefined
  }

  private compare(key: string): void {
    const expected = this.live(key)
    const found = this.driver.get(key)
    if (found === undefined) {
      if (expected !== undefined) this.lose(key)
      return
    }
    if (expected === undefined) throw new Error(`${key} is there, but should not be`)
    if (!found.value.equals(expected.value)) throw new Error(`${key} has another value`)
    expect(found.clientFlags, 'client flags').equal(expected.clientFlags)
    expect(found.cas, 'cas').equal(expected.cas)
  }

  private lose(key: string): void {
    this.model.delete(key)
    this.lostCount++
    const dropped = this.driver.count('evictions') + this.driver.count('store_no_memory')
    if (!this.mayEvict && this.driver.count('store_no_memory') === 0) throw new Error(`${key} was lost`)
    if (this.lostCount > dropped) throw new Error(`${this.lostCount} keys were lost, ${dropped} dropped`)
  }

  /** A write shows whether the store still had the item: if not, it has been evicted. */
  private noteAbsence(key: string): void {
    if (this.live(key) !== undefined) this.lose(key)
  }

  private keep(key: string, value: Buffer, clientFlags: number, expiry: number): void {
    const cas = this.driver.get(key)?.cas
    if (cas === undefined) {
      // A set that has expired already, or that was evicted at once.
      this.model.delete(key)
      return
    }
    expect(cas, 'every change has a higher cas').greaterThan(this.highestCas)
    this.highestCas = cas
    this.model.set(key, { value, clientFlags, expiry, cas })
  }

  private absolute(expiry: number): number {
    return expiry === 0 ? 0 : this.driver.clock.now + expiry
  }

  private get(): void {
    this.compare(this.key())
  }

  private store(): void {
    const { driver, random } = this
    const key = this.key()
    const known = this.live(key)
    const command = random.pick([Command.SET, Command.SET, Command.ADD, Command.REPLACE])
    const value = known !== undefined && random.chance(0.3) ? random.bytes(known.value.length) : this.value()
    const clientFlags = random.chance(0.5) ? 0 : random.below(0x7fff_ffff)
    const expiry = this.expiry()
    const cas = random.chance(0.1) ? (known?.cas ?? 5) - random.below(2) : 0
    const status = driver.store_(command, key, value, clientFlags, expiry, cas)
    if (status === Status.OK) this.keep(key, value, clientFlags, this.absolute(expiry))
    else if (status === Status.NOT_FOUND) this.noteAbsence(key)
    else if (status === Status.EXISTS) expect(known, 'what exists').not.equal(undefined)
    else {
      expect(status).equal(Status.OUT_OF_MEMORY)
      if (command === Command.SET) this.model.delete(key)
    }
  }

  private extend(): void {
    const key = this.key()
    const command = this.random.pick([Command.APPEND, Command.PREPEND])
    const added = this.random.bytes(this.random.below(300))
    const known = this.live(key)
    const status = this.driver.store_(command, key, added)
    if (status === Status.NOT_STORED) {
      this.noteAbsence(key)
    } else if (status === Status.OK) {
      if (known === undefined) throw new Error(`${key} was extended, but should not be there`)
      const parts = command === Command.APPEND ? [known.value, added] : [added, known.value]
      this.keep(key, Buffer.concat(parts), known.clientFlags, known.expiry)
    } else {
      expect(status).equal(Status.OUT_OF_MEMORY)
    }
  }

  private remove(): void {
    const key = this.key()
    const status = this.driver.remove(key)
    if (status === Status.NOT_FOUND) this.noteAbsence(key)
    else if (this.live(key) === undefined) throw new Error(`${key} was deleted, but should not be there`)
    this.model.delete(key)
  }

  private touch(): void {
    const key = this.key()
    const expiry = this.expiry()
    const known = this.live(key)
    const isTouched = this.random.chance(0.5)
      ? this.driver.touch(key, expiry) === Status.OK
      : this.driver.getAndTouch(key, expiry) !== undefined
    if (isTouched) {
      if (known === undefined) throw new Error(`${key} was touched, but should not be there`)
      known.expiry = this.absolute(expiry)
    } else if (known !== undefined && this.driver.get(key) === undefined) {
      this.lose(key)
    }
  }

  private increment(): void {
    const key = `counter:${this.random.below(10)}`
    if (this.random.chance(0.3)) {
      const value = Buffer.from(String(this.random.below(20)))
      if (this.driver.set(key, value) === Status.OK) this.keep(key, value, 0, 0)
      else this.model.delete(key)
      return
    }
    const known = this.live(key)
    const { status, value } = this.driver.increment(key, 7)
    if (status === Status.NOT_FOUND) this.noteAbsence(key)
    if (status !== Status.OK || known === undefined) return
    expect(value).equal(Number(known.value.toString()) + 7)
    const text = String(value).padEnd(known.value.length)
    this.keep(key, Buffer.from(text), known.clientFlags, known.expiry)
  }

  private stageOrFill(): void {
    const { random, driver, staged } = this
    if (staged.length < 3 && random.chance(0.5)) {
      const [key, value] = [this.key(), random.bytes(20_000 + random.below(this.valueLengthMax))]
      const clientFlags = random.below(3)
      const partial = driver.stage(key, value.length, clientFlags)
      if (partial === undefined) this.model.delete(key)
      else staged.push({ partial, value, key, clientFlags, filled: 0 })
      return
    }
    const index = random.below(staged.length)
    const chosen = staged[index]
    if (chosen === undefined) return
    if (random.chance(0.1)) {
      chosen.partial.discard()
      staged.splice(index, 1)
      return
    }
    const part = chosen.value.subarray(chosen.filled, chosen.filled + 1 + random.below(100_000))
    chosen.filled += part.length
    if (!driver.fill(chosen.partial, part)) {
      chosen.partial.discard()
      staged.splice(index, 1)
    } else if (chosen.partial.missing === 0) {
      staged.splice(index, 1)
      const { key, value, clientFlags } = chosen
      expect(driver.publish(chosen.partial, key, value.length, clientFlags)).equal(Status.OK)
      this.keep(key, value, clientFlags, 0)
    }
  }

  private pinOrUnpin(): void {
    if (this.pinned.length > 0 && this.random.chance(0.6)) {
      this.unpin()
      return
    }
    const places = this.driver.store.pins.mayPin ? this.driver.placesOf(this.key()) : []
    for (const place of places) this.driver.store.pins.pin(place)
    const bytes = places.map((place) => Buffer.from(this.driver.arena.view(place, place + 1)))
    this.pinned.push({ places, bytes })
  }

  private unpin(): void {
    for (const place of this.pinned.shift()?.places ?? []) this.driver.store.pins.unpin(place)
  }

  private advance(): void {
    this.driver.advance(this.random.pick([1, 1, 2, 30, 500]))
    this.flushIfDue()
  }

  /**
   * If items may be evicted, the limit is lowered and raised again. A limit that is soon raised may not have been
   * reached.
   */
  private limit(): void {
    if (!this.mayEvict) return
    this.driver.store.memory.limit(this.random.below(this.memoryLength * 2) + 1)
  }

  private flush(): void {
    const delay = this.random.pick([0, 3, 100])
    this.driver.flush(delay)
    this.flushTime = this.driver.clock.now + delay
    this.flushIfDue()
  }

  private flushIfDue(): void {
    if (this.flushTime === 0 || this.flushTime > this.driver.clock.now) return
    this.flushTime = 0
    this.model.clear()
  }
}
