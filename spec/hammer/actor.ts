import type { Answer, Client } from './client.js'
import { APPENDED_KEYS, CAS_KEYS, COUNTER_KEYS, type Hammer } from './hammer.js'
import { isWhole, wholeValue } from './values.js'

const OK = 0
const NOT_FOUND = 1
const EXISTS = 2
const NOT_STORED = 5
const OUT_OF_MEMORY = 0x82
const SHORT_LENGTH_MAX = 500
const NEW_KEYS_AT_ONCE = 100
const NEW_KEY_COUNT_MAX = 100_000
/** A longer list would be all that is moved about. */
const ENTRY_COUNT_MAX = 20_000

/** One connection that does one random thing after the other, and checks every reply. */
export class Actor {
  private readonly hammer: Hammer
  private readonly client: Client
  private readonly number: number
  private count = 0

  constructor(hammer: Hammer, client: Client, number: number) {
    this.hammer = hammer
    this.client = client
    this.number = number
  }

  async work(): Promise<void> {
    const { grows, flushes } = this.hammer.load
    const steps: (readonly [share: number, step: () => Promise<unknown>])[] = [
      [40, () => this.get()],
      [30, () => this.set()],
      [5, () => this.remove()],
      [8, () => this.increment()],
      [8, () => this.compareAndSet()],
      [8, () => this.append()],
      [5, () => this.touch()],
      [5, () => this.expire()],
    ]
    if (grows) steps.push([5, () => this.setNewKeys()])
    if (flushes) steps.push([2, () => this.flush()])
    const shares = steps.flatMap(([share, step]) => Array.from({ length: share }, () => step))
    while (this.hammer.goesOn) {
      this.hammer.requestCount++
      await this.hammer.random.pick(shares)()
    }
  }

  private async get(): Promise<void> {
    const key = this.key()
    const floor = this.floorOf(key)
    const found = await this.client.get(key)
    if (found.status === NOT_FOUND) return
    this.expectStatus(found, `get of ${key}`, OK)
    this.expectRising(key, floor, found)
    if (!isWhole(key, found.value)) this.hammer.fault(`${key} is torn`)
  }

  private async set(): Promise<void> {
    const key = this.key()
    const { random } = this.hammer
    // Most values are short, as everywhere.
    const length = 1 + random.below(random.chance(0.9) ? SHORT_LENGTH_MAX : this.hammer.load.valueLengthMax)
    const floor = this.floorOf(key)
    const stored = await this.client.set(key, wholeValue(key, this.number, this.count++, length))
    if (this.mayLackMemory(stored)) return
    this.expectStatus(stored, `set of ${length} bytes`, OK)
    this.expectRising(key, floor, stored)
  }

  private async remove(): Promise<void> {
    this.expectStatus(await this.client.remove(this.key()), 'delete', OK, NOT_FOUND)
  }

  private async increment(): Promise<void> {
    const { random, added, numbersSeen, load } = this.hammer
    const key = random.pick(COUNTER_KEYS)
    const answer = await this.client.increment(key, 3n)
    this.expectStatus(answer, 'increment', OK)
    const number = answer.value.readBigUInt64BE()
    // The first increment creates the counter, with the initial value of 0.
    if (number !== 0n) added.set(key, (added.get(key) ?? 0n) + 3n)
    if (!load.keepsAll) return
    if (numbersSeen.has(`${key} ${number}`)) this.hammer.fault(`${key} was ${number} twice`)
    numbersSeen.add(`${key} ${number}`)
  }

  /** Several read the same item and try to replace it: one succeeds. */
  private async compareAndSet(): Promise<void> {
    const { random, wonCounts, load } = this.hammer
    const key = random.pick(CAS_KEYS)
    const found = await this.client.get(key)
    if (found.status !== OK && !load.keepsAll) return
    this.expectStatus(found, `get of ${key}`, OK)
    const next = Buffer.from(`${Number(`${found.value}`) + 1}`)
    const { status } = await this.client.set(key, next, { cas: found.cas })
    if (status === OK) wonCounts.set(key, (wonCounts.get(key) ?? 0) + 1)
    else if (status !== EXISTS && load.keepsAll) this.hammer.fault(`cas: status ${status}`)
  }

  private async append(): Promise<void> {
    const { random, entries, load } = this.hammer
    const key = random.pick(APPENDED_KEYS)
    if (entries.get(key)!.length >= ENTRY_COUNT_MAX) return
    const entry = `${this.number}:${this.count++}`
    const add = random.chance(0.5) ? this.client.append : this.client.prepend
    const answer = await add.call(this.client, key, `${entry};`)
    if (answer.status === OK) entries.get(key)!.push(entry)
    else if (load.keepsAll || (answer.status !== NOT_STORED && !this.mayLackMemory(answer)))
      this.hammer.fault(`append: status ${answer.status}`)
  }

  private async touch(): Promise<void> {
    this.expectStatus(await this.client.touch(this.key(), 0), 'touch', OK, NOT_FOUND)
  }

  /** Sets items that expire soon, and are removed without a request. */
  private async expire(): Promise<void> {
    const key = `brief:${this.hammer.random.below(200)}`
    const value = wholeValue(key, this.number, this.count++, 1 + this.hammer.random.below(2000))
    const stored = await this.client.set(key, value, { expiry: 1 })
    if (!this.mayLackMemory(stored)) this.expectStatus(stored, 'set', OK)
    const found = await this.client.get(key)
    if (found.status === OK && !isWhole(key, found.value)) this.hammer.fault(`${key} is torn`)
  }

  private async setNewKeys(): Promise<void> {
    if (this.hammer.newKeys.length >= NEW_KEY_COUNT_MAX) return
    const keys = Array.from({ length: NEW_KEYS_AT_ONCE }, () => `new:${this.number}:${this.count++}`)
    const status = await this.client.setAll(keys.map((key) => [key, Buffer.from(key)]))
    if (status === OK) this.hammer.newKeys.push(...keys)
    else this.hammer.fault(`set: status ${status}`)
  }

  /** Items stored before a flush are gone when it is answered; later ones stay, unless they are flushed again. */
  private async flush(): Promise<void> {
    const { hammer, client } = this
    const key = `flushed:${this.number}`
    await client.set(key, Buffer.from('before'))
    hammer.flushesBegun++
    await client.flush()
    hammer.flushesEnded++
    this.expectStatus(await client.get(key), 'get of a flushed item', NOT_FOUND)
    const { flushesBegun, flushesEnded } = hammer
    await client.set(key, Buffer.from('after'))
    const { status } = await client.get(key)
    const isUndisturbed = flushesEnded === flushesBegun && hammer.flushesBegun === flushesBegun
    if (status !== OK && isUndisturbed) hammer.fault('what was stored after a flush is gone')
  }

  /** With little memory, arriving values can hold much of it. */
  private mayLackMemory({ status }: Answer): boolean {
    return !this.hammer.load.keepsAll && status === OUT_OF_MEMORY
  }

  private key(): string {
    return `key:${this.hammer.random.below(this.hammer.load.keyCount)}`
  }

  private floorOf(key: string): bigint {
    return this.hammer.latest.get(key) ?? 0n
  }

  private expectRising(key: string, floor: bigint, { cas }: Answer): void {
    if (cas < floor) this.hammer.fault(`${key} went back from cas ${floor} to ${cas}`)
    if (cas > this.floorOf(key)) this.hammer.latest.set(key, cas)
  }

  private expectStatus({ status }: Answer, what: string, ...allowed: readonly number[]): void {
    if (!allowed.includes(status)) this.hammer.fault(`${what}: status ${status}`)
  }
}
