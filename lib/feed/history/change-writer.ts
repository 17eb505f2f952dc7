import type { Arena } from '../../arena/arena.js'
import {
  casHigh,
  casLow,
  expiryOf,
  isPlain,
  keyLengthOf,
  PLAIN_WORDS,
  plainLengthOf,
  valueLengthOf,
  versionHigh,
  versionLow,
  versionOf,
} from '../../store/item/item.js'
import type { ChangeListener } from '../../store/listeners/change-listener.js'
import type { Store } from '../../store/store.js'
import {
  ChangeKind,
  ChangeWord,
  HAS_REST,
  headFor,
  lengthFor,
  RestWord,
  restOf,
  shortLengthFor,
} from './change-record.js'
import type { History } from './history.js'
import type { JournalGate } from './journal-gate.js'
import { RingChunks } from './ring-chunks.js'

/** The part of a store that is needed to read an item. */
type WrittenStore = Pick<Store, 'words' | 'keyAddress'>

/** Writes each change that it hears of into the ring of its worker. Allocates nothing. */
export class ChangeWriter implements ChangeListener {
  /** Called after a change was written; undefined while nobody reads the changes. */
  onWritten: (() => void) | undefined = undefined
  private readonly history: History
  /** Undefined if no journal will ever hear of the changes. */
  private readonly gate: JournalGate | undefined
  private readonly store: WrittenStore
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly move: Arena['move']
  private readonly worker: number
  /** The first word of its ring, and its length. */
  private readonly ring: number
  private readonly ringLength: number
  /** Where the history has the latest number of all, and how far this worker has written. */
  private readonly latestDouble: number
  private readonly writtenWord: number
  private readonly isAlone: boolean
  /** This worker's own positions in its ring: nobody else changes them. */
  private written = 0
  /** Up to here it may write, before it has to begin the next chunk. */
  private end = 0
  /** Its last change; before there is any, a place with the number 0. */
  private last: number
  private readonly chunks: RingChunks
  /** The number that a flush has taken. */
  private flushNumber = 0

  constructor(arena: Arena, store: WrittenStore, history: History, gate: JournalGate | undefined) {
    this.store = store
    this.history = history
    this.gate = gate
    this.words = arena.words
    this.doubles = arena.doubles
    this.move = arena.move
    this.worker = arena.workerSlot.worker
    this.ring = history.place(this.worker, 0)
    this.ringLength = history.ringLength
    if (history.written(this.worker) !== 0) throw new Error('a ring has more than one writer')
    this.last = this.ring
    this.isAlone = history.isAlone
    this.latestDouble = history.latestDouble
    this.writtenWord = history.writtenWord(this.worker)
    this.chunks = new RingChunks(history, this.worker)
  }

  /** Most items have no optional words: their changes need no rest. */
  stored(item: number): void {
    if (this.gate === undefined && isPlain(this.store.words, item)) this.publish(this.writePlainSet(item))
    else this.publishItem(ChangeKind.SET, item)
  }

  removed(keyStart: number, keyLength: number, version: number): void {
    this.publish(this.writeKey(ChangeKind.DELETE, keyStart, keyLength, version))
  }

  /** Nothing has changed. */
  forgotten(): void {}

  touched(item: number, version: number): void {
    this.publish(this.writeItem(ChangeKind.TOUCH, item, version))
  }

  expired(item: number): void {
    this.publishItem(ChangeKind.EXPIRE, item)
  }

  evicted(item: number): void {
    this.publishItem(ChangeKind.EVICT, item)
  }

  /** The number is taken before the version: so a change with a later version has a later number, too. */
  flushBegins(): void {
    this.history.setPublishing(this.worker, true)
    this.flushNumber = this.history.nextNumber()
  }

  flushed(version: number): void {
    const { history, worker, flushNumber } = this
    const change = this.writeKey(ChangeKind.FLUSH, 0, 0, version)
    history.setFlush(flushNumber, version)
    this.number(change, flushNumber)
    history.setWritten(worker, this.written)
    history.setPublishing(worker, false)
    if (this.onWritten !== undefined) this.onWritten()
  }

  /** The flush is reported when it is due. */
  flushDue(): void {}

  /** No worker changes anything meanwhile: earlier numbers have earlier versions, and later ones later versions. */
  prefixFlushed(prefixStart: number, prefixLength: number, version: number): void {
    this.publish(this.writeKey(ChangeKind.FLUSH_PREFIX, prefixStart, prefixLength, version))
  }

  // ─── into the ring ─────────────────────────────────────────────────────────────────────────────────────────────────

  private publishItem(kind: ChangeKind, item: number): void {
    this.publish(this.writeItem(kind, item, versionOf(this.store.words, item)))
  }

  private writePlainSet(item: number): number {
    const { words, store } = this
    const source = store.words
    const keyLength = keyLengthOf(source, item)
    const change = this.begin(headFor(ChangeKind.SET, keyLength), shortLengthFor(keyLength))
    words[change + SIZE] = plainLengthOf(source, item)
    words[change + VERSION_HIGH] = versionHigh(source, item)
    words[change + VERSION_LOW] = versionLow(source, item)
    if (keyLength > LOOP_LENGTH_MAX) this.move((change + KEY) * 4, store.keyAddress(item), keyLength)
    else this.copyKey(change + KEY, source, item + PLAIN_WORDS, keyLength)
    return change
  }

  /** Whole words: both keys begin at one, and both places have room for the last. */
  private copyKey(target: number, source: Int32Array, key: number, length: number): void {
    const { words } = this
    const wordCount = (length + 3) >>> 2
    for (let word = 0; word < wordCount; word++) words[target + word] = source[key + word]!
  }

  private writeItem(kind: ChangeKind, item: number, version: number): number {
    const { words, store } = this
    const source = store.words
    const change = this.writeKey(kind, store.keyAddress(item), keyLengthOf(source, item), version, true)
    const rest = restOf(words, change)
    words[change + SIZE] = valueLengthOf(source, item)
    words[rest + RestWord.CAS_HIGH] = casHigh(source, item)
    words[rest + RestWord.CAS_LOW] = casLow(source, item)
    words[rest + RestWord.EXPIRY] = expiryOf(source, item)
    return change
  }

  /** A journal needs the rest in any case. */
  private writeKey(
    kind: ChangeKind,
    keyStart: number,
    keyLength: number,
    version: number,
    hasRest = this.gate !== undefined,
  ): number {
    const { words, gate } = this
    const head = headFor(kind, keyLength) | (hasRest ? HAS_REST : 0)
    const change = this.begin(head, lengthFor(head))
    words[change + SIZE] = 0
    words[change + VERSION_HIGH] = Math.floor(version / WORD)
    words[change + VERSION_LOW] = version | 0
    this.move((change + KEY) * 4, keyStart, keyLength)
    if (hasRest) this.doubles[(restOf(words, change) + RestWord.COUNT) >>> 1] = gate?.countNow() ?? 0
    return change
  }

  /** Makes room for a change with this first word, of this length. Returns where that is. */
  private begin(head: number, length: number): number {
    if (((this.end - this.written) | 0) < length) this.beginChunk(length)
    const { written } = this
    const change = this.ring + ((written & (this.ringLength - 1)) >>> 2)
    this.written = (written + length) | 0
    this.words[change + HEAD] = head
    return change
  }

  /** A change is contiguous: what is left before the end of the ring is skipped. */
  private beginChunk(length: number): void {
    const { words, ringLength } = this
    const tillEnd = ringLength - (this.written & (ringLength - 1))
    if (tillEnd < length) {
      const filler = this.ring + ((ringLength - tillEnd) >>> 2)
      words[filler + HEAD] = ChangeKind.FILLER
      words[filler + SIZE] = tillEnd
      this.written = (this.written + tillEnd) | 0
    }
    this.end = this.chunks.begin(this.written, this.doubles[(this.last + NUMBER) >>> 1]!)
  }

  /** A single worker needs no atomic operations, which cost more than all the rest, nor a mark. */
  private publish(change: number): void {
    if (this.isAlone) {
      const { doubles, latestDouble } = this
      const number = doubles[latestDouble]! + 1
      doubles[latestDouble] = number
      this.number(change, number)
      this.words[this.writtenWord] = this.written
    } else {
      this.publishBesideOthers(change)
    }
    if (this.onWritten !== undefined) this.onWritten()
  }

  private publishBesideOthers(change: number): void {
    const { history, worker } = this
    history.setPublishing(worker, true)
    this.number(change, history.nextNumber())
    history.setWritten(worker, this.written)
    history.setPublishing(worker, false)
  }

  private number(change: number, number: number): void {
    this.doubles[(change + NUMBER) >>> 1] = number
    this.last = change
  }
}

/** Read from memory each time if they are those of another module. */
const { HEAD, SIZE, NUMBER, VERSION_HIGH, VERSION_LOW, KEY } = ChangeWord

const WORD = 2 ** 32

/** Up to this length a loop beats the call of the kernel. */
const LOOP_LENGTH_MAX = 32
