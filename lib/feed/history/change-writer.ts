import type { Arena } from '../../arena/arena.js'
import type { ChangeListener } from '../../store/changes.js'
import {
  casHigh,
  casLow,
  expiryOf,
  keyLengthOf,
  keyStartOf,
  valueLengthOf,
  versionOf,
} from '../../store/item/item.js'
import { CHANGE_HEAD_LENGTH, ChangeKind, ChangeWord, KEY_LENGTH_SHIFT, KIND_MASK } from './change-record.js'
import { type History, MARGIN } from './history.js'
import type { JournalGate } from './journal-gate.js'

/** Writes each change that it hears of into the ring of its worker. Allocates nothing. */
export class ChangeWriter implements ChangeListener {
  /** Called after a change was written. */
  onWritten: () => void = nothing
  private readonly history: History
  /** Undefined if no journal will ever hear of the changes. */
  private readonly gate: JournalGate | undefined
  private readonly words: Int32Array
  private readonly doubles: Float64Array
  private readonly move: Arena['move']
  private readonly worker: number
  /** The first word of its ring, and its length. */
  private readonly ring: number
  private readonly ringLength: number
  /** This worker's own positions in its ring: nobody else changes them. */
  private written = 0
  private oldest = 0
  /** The number that a flush has taken. */
  private flushNumber = 0

  constructor(arena: Arena, history: History, gate: JournalGate | undefined) {
    this.history = history
    this.gate = gate
    this.words = arena.words
    this.doubles = arena.doubles
    this.move = arena.move
    this.worker = arena.workerSlot.worker
    this.ring = history.place(this.worker, 0)
    this.ringLength = history.ringLength
    this.written = history.written(this.worker)
    this.oldest = history.oldest(this.worker)
  }

  stored(item: number): void {
    const version = versionOf(this.words, item)
    this.publish(this.writeItem(ChangeKind.SET, item), version)
  }

  removed(keyStart: number, keyLength: number, version: number): void {
    const change = this.begin(ChangeKind.DELETE, keyLength)
    this.move((change + ChangeWord.KEY) * 4, keyStart, keyLength)
    this.setNumbers(change, 0, 0)
    this.publish(change, version)
  }

  /** Nothing has changed. */
  forgotten(): void {}

  touched(item: number, version: number): void {
    this.publish(this.writeItem(ChangeKind.TOUCH, item), version)
  }

  expired(item: number): void {
    this.publish(this.writeItem(ChangeKind.EXPIRE, item), versionOf(this.words, item))
  }

  evicted(item: number): void {
    this.publish(this.writeItem(ChangeKind.EVICT, item), versionOf(this.words, item))
  }

  /** The number is taken before the version: so a change with a later version has a later number, too. */
  flushBegins(): void {
    this.history.setPublishing(this.worker, true)
    this.flushNumber = this.history.nextNumber()
  }

  flushed(version: number): void {
    const { history, worker, flushNumber } = this
    const change = this.begin(ChangeKind.FLUSH, 0)
    this.setNumbers(change, 0, 0)
    history.setFlush(flushNumber, version)
    this.complete(change, flushNumber, version)
    history.setWritten(worker, this.written)
    history.setPublishing(worker, false)
    this.onWritten()
  }

  /** The flush is reported when it is due. */
  flushDue(): void {}

  /** No worker changes anything meanwhile: earlier numbers have earlier versions, and later ones later versions. */
  prefixFlushed(prefixStart: number, prefixLength: number, version: number): void {
    const change = this.begin(ChangeKind.FLUSH_PREFIX, prefixLength)
    this.move((change + ChangeWord.KEY) * 4, prefixStart, prefixLength)
    this.setNumbers(change, 0, 0)
    this.publish(change, version)
  }

  // ─── into the ring ─────────────────────────────────────────────────────────────────────────────────────────────────

  private writeItem(kind: ChangeKind, item: number): number {
    const { words } = this
    const keyLength = keyLengthOf(words, item)
    const change = this.begin(kind, keyLength)
    const keyStart = keyStartOf(words, item)
    if (keyLength <= LOOP_LENGTH_MAX) this.copyWords(change + ChangeWord.KEY, keyStart >>> 2, keyLength)
    else this.move((change + ChangeWord.KEY) * 4, keyStart, keyLength)
    words[change + ChangeWord.CAS_HIGH] = casHigh(words, item)
    words[change + ChangeWord.CAS_LOW] = casLow(words, item)
    this.setNumbers(change, valueLengthOf(words, item), expiryOf(words, item))
    return change
  }

  /** Copies whole words: the key of an item begins at one, and both places have room for the last. */
  private copyWords(target: number, source: number, length: number): void {
    const { words } = this
    for (let word = 0; word << 2 < length; word++) words[target + word] = words[source + word]!
  }

  /** Makes room for a change, and returns its first word. A change is contiguous: the rest before the end of the ring is skipped. */
  private begin(kind: ChangeKind, keyLength: number): number {
    const { words, ringLength } = this
    const length = (CHANGE_HEAD_LENGTH + keyLength + 7) & ~7
    const tillEnd = ringLength - (this.written & (ringLength - 1))
    const passed = length > tillEnd ? tillEnd : 0
    const spare = ringLength - MARGIN - passed - length
    if (((this.written - this.oldest) | 0) > spare) this.giveUpOldest(spare)
    if (passed > 0) {
      const filler = this.place(this.written)
      words[filler + ChangeWord.LENGTH] = passed
      words[filler + ChangeWord.HEAD] = ChangeKind.FILLER
    }
    const change = this.place(this.written + passed)
    this.written = (this.written + passed + length) | 0
    words[change + ChangeWord.LENGTH] = length
    words[change + ChangeWord.HEAD] = kind | (keyLength << KEY_LENGTH_SHIFT)
    return change
  }

  /** Gives up the oldest changes until no more than so many bytes are left. */
  private giveUpOldest(lengthMax: number): void {
    const { history, words, worker } = this
    let overwritten = 0
    while (((this.written - this.oldest) | 0) > lengthMax) {
      const change = this.place(this.oldest)
      const isFiller = (words[change + ChangeWord.HEAD]! & KIND_MASK) === ChangeKind.FILLER
      if (!isFiller) overwritten = this.doubles[(change + ChangeWord.NUMBER) >>> 1]!
      this.oldest = (this.oldest + words[change + ChangeWord.LENGTH]!) | 0
    }
    if (overwritten > 0) history.setOverwritten(worker, overwritten)
    history.setOldest(worker, this.oldest)
  }

  private place(position: number): number {
    return this.ring + ((position & (this.ringLength - 1)) >>> 2)
  }

  private setNumbers(change: number, size: number, expiry: number): void {
    this.words[change + ChangeWord.SIZE] = size
    this.words[change + ChangeWord.EXPIRY] = expiry
  }

  private publish(change: number, version: number): void {
    const { history, worker } = this
    if (!history.isAlone) history.setPublishing(worker, true)
    this.complete(change, history.nextNumber(), version)
    history.setWritten(worker, this.written)
    if (!history.isAlone) history.setPublishing(worker, false)
    this.onWritten()
  }

  private complete(change: number, number: number, version: number): void {
    const { doubles } = this
    doubles[(change + ChangeWord.NUMBER) >>> 1] = number
    doubles[(change + ChangeWord.VERSION) >>> 1] = version
    doubles[(change + ChangeWord.COUNT) >>> 1] = this.gate === undefined ? 0 : this.gate.countNow()
  }
}

/** Up to this length a loop beats the call of the kernel. */
const LOOP_LENGTH_MAX = 32

const nothing = (): void => undefined
