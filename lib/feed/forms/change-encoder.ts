import { CHOSEN_NAMES, type Change } from '../change.js'
import { ChangeKind, ChangeWord, casOf, expiryOf, keyLengthOf, kindOf } from '../history/change-record.js'
import type { History } from '../history/history.js'
import { writePosition } from '../position.js'
import type { ChangeForm } from './change-form.js'
import { Digits } from './digits.js'
import type { EventBuffer } from './event-buffer.js'
import { type FormPieces, piecesOf, plainBytesOf } from './form-pieces.js'

/** Changes in a ring, for the encoder. */
export interface ChangeSource {
  copyOf(change: number, position: string | undefined): Change
  /** Seconds from now; -1: never. */
  ttlOf(expiry: number): number
}

/**
 * Writes changes of one form from the ring into a buffer, without objects and strings: that takes a tenth of the time
 * (scripts/bench/feed.ts). A change with something unusual, such as a key that needs quoting, is written as its text.
 */
export class ChangeEncoder {
  private readonly form: ChangeForm
  private readonly history: History
  private readonly items: ChangeSource
  /** Of the ring. */
  private readonly bytes: Buffer
  /** By kind; undefined for those that are not about one item: they are always written as text. */
  private readonly pieces: readonly (FormPieces | undefined)[]
  private readonly isPlain: Uint8Array
  private readonly lengthMax: number
  private readonly numbers = new Digits()
  private readonly cases = new Digits()
  private readonly sizes = new Digits()
  private readonly ttls = new Digits()

  constructor(form: ChangeForm, history: History, items: ChangeSource, bytes: Buffer) {
    this.form = form
    this.history = history
    this.items = items
    this.bytes = bytes
    const names = CHOSEN_NAMES.slice(0, ChangeKind.EVICT)
    this.pieces = [undefined, ...names.map((name) => piecesOf(form, name, history.id))]
    this.isPlain = plainBytesOf(form)
    this.lengthMax = FIELDS_LENGTH_MAX + Math.max(...this.pieces.map(lengthOf))
  }

  /** Writes the change with this number behind the events of the buffer, which has to keep it. */
  write(change: number, number: number, buffer: EventBuffer): void {
    const { history, items, form } = this
    const pieces = this.pieces[kindOf(history.words, change)]
    if (pieces !== undefined && this.writePieces(pieces, change, number, buffer)) return
    buffer.writeText(form.text(items.copyOf(change, writePosition(history.id, number))))
  }

  /** False if the change has something unusual. */
  private writePieces(pieces: FormPieces, change: number, number: number, buffer: EventBuffer): boolean {
    const { history, items } = this
    const { words } = history
    const { heads } = pieces
    let at = buffer.reserve(this.lengthMax)
    const { bytes, view } = buffer
    for (let index = 0; index < heads.length; index++) {
      at = heads[index]!.write(view, at)
      at = this.numbers.writeCount(view, at, number)
    }
    at = pieces.key.write(view, at)
    at = this.writeKey(bytes, at, change)
    if (at === NOT_PLAIN) return false
    if (!pieces.hasItem) {
      buffer.end = pieces.end.write(view, at)
      return true
    }
    const cas = casOf(words, change)
    const casHigh = words[cas]! >>> 0
    if (casHigh > CAS_HIGH_MAX) return false
    at = pieces.cas.write(view, at)
    at = this.cases.writeCount(view, at, casHigh * WORD + (words[cas + 1]! >>> 0))
    at = pieces.size.write(view, at)
    at = this.sizes.write(view, at, words[change + ChangeWord.SIZE]! >>> 0)
    const expiry = expiryOf(words, change)
    if (expiry === 0) {
      buffer.end = pieces.endNever.write(view, at)
    } else {
      at = this.ttls.write(view, pieces.ttl.write(view, at), items.ttlOf(expiry))
      buffer.end = pieces.end.write(view, at)
    }
    return true
  }

  private writeKey(target: Uint8Array, start: number, change: number): number {
    const { bytes, isPlain } = this
    const length = keyLengthOf(this.history.words, change)
    const keyStart = (change + ChangeWord.KEY) * 4
    for (let index = 0; index < length; index++) {
      const byte = bytes[keyStart + index]!
      if (isPlain[byte] === 0) return NOT_PLAIN
      target[start + index] = byte
    }
    return start + length
  }
}

function lengthOf(pieces: FormPieces | undefined): number {
  if (pieces === undefined) return 0
  const { heads, key, cas, size, ttl, end, endNever } = pieces
  return [...heads, key, cas, size, ttl, end, endNever].reduce((sum, { length }) => sum + length, 0)
}

const NOT_PLAIN = -1
const WORD = 2 ** 32
/** Below 2^53 a number is exact. */
const CAS_HIGH_MAX = 2 ** 21 - 1
const NUMBER_LENGTH_MAX = 16
const DOUBLE_LENGTH = 8
/** What a byte holds: the change may be overwritten while it is read. */
const KEY_LENGTH_MAX = 255
/** The number twice, the key, the cas, the size, the ttl; and what the last piece may change behind it. */
const FIELDS_LENGTH_MAX = 5 * NUMBER_LENGTH_MAX + KEY_LENGTH_MAX + DOUBLE_LENGTH
