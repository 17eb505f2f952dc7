import type { Arena } from '../../arena/arena.js'
import { Life } from '../../store/expiry/expiry.js'
import {
  casHigh,
  casLow,
  clientFlagsOf,
  expiryOf,
  keyLengthOf,
  keyStartOf,
  MISSING,
  valueLengthOf,
  versionOf,
} from '../../store/item/item.js'
import type { Store } from '../../store/store.js'
import { CHOSEN_NAMES, type Change, type ChangeValue, changeOf } from '../change.js'
import * as record from '../history/change-record.js'
import { ChangeKind, ChangeWord } from '../history/change-record.js'

/** How many buckets there are in each memory of the store. */
export type BucketCounts = readonly number[]

/** A worker writes where the thread wants to read: it has to try again. */
export const BUSY = Symbol('busy')

export interface ItemSourceParts {
  readonly arena: Arena
  readonly store: Store
  /** The thread serves no clients: it never waits for a worker. */
  readonly isOnlooker: boolean
}

/** What subscribers are told: copies of changes in the rings, and of items in the store. */
export class ItemSource {
  private readonly arena: Arena
  private readonly store: Store
  private readonly isOnlooker: boolean

  constructor({ arena, store, isOnlooker }: ItemSourceParts) {
    this.arena = arena
    this.store = store
    this.isOnlooker = isOnlooker
  }

  /** The time for `ttl` and for what has expired. */
  refreshClock(): void {
    this.store.clock.refresh()
  }

  // ─── changes ───────────────────────────────────────────────────────────────────────────────────────────────────────

  kindOf(change: number): ChangeKind {
    return record.kindOf(this.arena.words, change)
  }

  /** The key of a change, a character for each byte. */
  latinKeyOf(change: number): string {
    const start = (change + ChangeWord.KEY) * 4
    return this.arena.bytes.toString('latin1', start, start + this.keyLengthOf(change))
  }

  /** The bucket that the key of a change had when there were so many buckets. */
  bucketOf(change: number, counts: BucketCounts): number {
    const hash = this.arena.hash((change + ChangeWord.KEY) * 4, this.keyLengthOf(change))
    return this.store.visits.buckets.numberOf(hash, counts)
  }

  /** A copy of the change, without a value. */
  copyOf(change: number, position: string | undefined): Change {
    const { words } = this.arena
    const kind = this.kindOf(change)
    const name = CHOSEN_NAMES[kind - 1]!
    if (kind === ChangeKind.FLUSH) return changeOf(name, { position })
    const start = (change + ChangeWord.KEY) * 4
    const { key, keyBytes } = this.keyFields(start, this.keyLengthOf(change))
    if (kind === ChangeKind.FLUSH_PREFIX)
      return changeOf(name, { position, prefix: key, prefixBytes: keyBytes })
    if (kind === ChangeKind.DELETE) return changeOf(name, { position, key, keyBytes })
    const casWord = record.casOf(words, change)
    // Field by field, for the most frequent ones: `changeOf` takes several times as long (scripts/bench/feed.ts).
    return {
      kind: name,
      position,
      key,
      keyBytes,
      cas: casOf(words[casWord]!, words[casWord + 1]!),
      prefix: undefined,
      prefixBytes: undefined,
      size: words[change + ChangeWord.SIZE]!,
      ttl: this.ttlOf(record.expiryOf(words, change)),
      value: undefined,
      flags: undefined,
      after: undefined,
    }
  }

  /** The value that a change has stored; undefined if it has stored none, or if the item has been changed since. */
  valueOf(change: number): ChangeValue | undefined | typeof BUSY {
    if (this.kindOf(change) !== ChangeKind.SET) return undefined
    const { store, arena } = this
    const keyStart = (change + ChangeWord.KEY) * 4
    const keyLength = this.keyLengthOf(change)
    const version = record.versionOf(arena.words, change)
    let value: ChangeValue | undefined
    const copy = (item: number): void => {
      if (versionOf(store.words, item) === version) value = this.valueIn(item)
    }
    if (this.isOnlooker) return store.visits.visitKeyIfFree(keyStart, keyLength, copy) ? value : BUSY
    const item = store.peek(keyStart, keyLength)
    if (item !== MISSING) copy(item)
    store.release()
    return value
  }

  // ─── items ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  get bucketCounts(): BucketCounts {
    return this.store.visits.buckets.counts
  }

  get bucketCount(): number {
    return this.store.visits.bucketCount
  }

  /**
   * The live items of a bucket whose keys begin so. `whileLocked` is called when none of them can be changed. BUSY if they
   * are being changed.
   */
  itemsIn(
    bucket: number,
    wanted: { readonly prefix: string; readonly values: boolean },
    whileLocked: () => void,
  ): Change[] | typeof BUSY {
    const { store } = this
    const items: Change[] = []
    const visit = (item: number): void => {
      if (store.lifeOf(item) === Life.LIVE && this.hasPrefix(item, wanted.prefix))
        items.push(this.itemOf(item, wanted.values))
    }
    if (this.isOnlooker) return store.visits.visitBucketIfFree(bucket, visit, whileLocked) ? items : BUSY
    store.visits.visitBucket(bucket, visit, whileLocked)
    return items
  }

  private itemOf(item: number, hasValue: boolean): Change {
    const { words } = this.store
    return changeOf('item', {
      ...this.keyFields(this.store.keyAddress(item), keyLengthOf(words, item)),
      cas: casOf(casHigh(words, item), casLow(words, item)),
      size: valueLengthOf(words, item),
      ttl: this.ttlOf(expiryOf(words, item)),
      ...(hasValue && this.valueIn(item)),
    })
  }

  private hasPrefix(item: number, prefix: string): boolean {
    const { words, bytes } = this.store
    const start = keyStartOf(words, item)
    if (prefix === '') return true
    if (keyLengthOf(words, item) < prefix.length) return false
    return bytes.toString('latin1', start, start + prefix.length) === prefix
  }

  private valueIn(item: number): ChangeValue {
    const { arena, store } = this
    const value = Buffer.allocUnsafe(valueLengthOf(store.words, item))
    const flags = clientFlagsOf(store.words, item) >>> 0
    let done = 0
    store.items.eachPart(item, {
      add: (start, length) => {
        value.set(arena.view(start, start + length), done)
        done += length
      },
    })
    return { value, flags }
  }

  private keyFields(start: number, length: number): { key: string | undefined; keyBytes: Buffer } {
    const keyBytes = Buffer.from(this.arena.view(start, start + length))
    const key = keyBytes.toString()
    return {
      key: key.includes(REPLACEMENT) && !Buffer.from(key).equals(keyBytes) ? undefined : key,
      keyBytes,
    }
  }

  /** Seconds from now; -1: never. */
  ttlOf(expiry: number): number {
    return expiry === 0 ? NEVER : Math.max(0, expiry - this.store.clock.now)
  }

  private keyLengthOf(change: number): number {
    return record.keyLengthOf(this.arena.words, change)
  }
}

const casOf = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

const NEVER = -1
/** What decoding puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'
