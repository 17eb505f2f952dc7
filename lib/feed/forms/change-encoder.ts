import { CHOSEN_NAMES, type Change } from '../change.js'
import { ChangeKind, ChangeWord, casOf, expiryOf, keyLengthOf, kindOf } from '../history/change-record.js'
import type { History } from '../history/history.js'
import { writePosition } from '../position.js'
import type { ChangeForm } from './change-form.js'
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

  /** Writes the change behind the events of the buffer, which has to keep it. */
  write(change: number, buffer: EventBuffer): void {
    const { history, items, form } = this
    const pieces = this.pieces[kindOf(history.words, change)]
    if (pieces !== undefined && this.writePieces(pieces, change, buffer)) return
    buffer.writeText(form.text(items.copyOf(change, writePosition(history.id, history.numberOf(change)))))
  }

  /** False if the change has something unusual. */
  private writePieces(pieces: FormPieces, change: number, buffer: EventBuffer): boolean {
    const { history, items } = this
    const { words } = history
    const cas = casOf(words, change)
    const casHigh = words[cas]! >>> 0
    let at = buffer.reserve(this.lengthMax)
    const { bytes } = buffer
    for (let index = 0; index < pieces.heads.length; index++) {
      at = pieces.heads[index]!.write(buffer, at)
      at = writeNumber(bytes, at, history.numberOf(change))
    }
    at = pieces.key.write(buffer, at)
    at = this.writeKey(bytes, at, change)
    if (at === NOT_PLAIN || casHigh > CAS_HIGH_MAX) return false
    if (pieces.hasItem) {
      at = pieces.cas.write(buffer, at)
      at = writeNumber(bytes, at, casHigh * WORD + (words[cas + 1]! >>> 0))
      at = pieces.size.write(buffer, at)
      at = writeNumber(bytes, at, words[change + ChangeWord.SIZE]!)
      at = pieces.ttl.write(buffer, at)
      at = writeTtl(bytes, at, items.ttlOf(expiryOf(words, change)))
    }
    buffer.end = pieces.end.write(buffer, at)
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

/** Seconds, or -1. */
function writeTtl(target: Uint8Array, start: number, ttl: number): number {
  if (ttl >= 0) return writeNumber(target, start, ttl)
  target[start] = MINUS
  return writeNumber(target, start + 1, -ttl)
}

/** A whole number below 2^53. */
function writeNumber(target: Uint8Array, start: number, value: number): number {
  if (value < SMALL_END) return writeSmall(target, start, value, digitCount(value))
  const high = Math.floor(value / NINE_DIGITS)
  const middle = writeNumber(target, start, high)
  return writeSmall(target, middle, value - high * NINE_DIGITS, 9)
}

/** With so many digits, from the last to the first, two at a time. */
function writeSmall(target: Uint8Array, start: number, value: number, count: number): number {
  let at = start + count
  let rest = value | 0
  while (at - start >= 2) {
    const next = (rest / 100) | 0
    const pair = rest - next * 100
    const tens = (pair * 103) >>> 10
    at -= 2
    target[at] = ZERO + tens
    target[at + 1] = ZERO + pair - tens * 10
    rest = next
  }
  if (at > start) target[start] = ZERO + rest
  return start + count
}

function digitCount(value: number): number {
  let count = 1
  for (let power = 10; power <= value; power *= 10) count++
  return count
}

function lengthOf(pieces: FormPieces | undefined): number {
  if (pieces === undefined) return 0
  const { heads, key, cas, size, ttl, end } = pieces
  return [...heads, key, cas, size, ttl, end].reduce((sum, { length }) => sum + length, 0)
}

const NOT_PLAIN = -1
const MINUS = 0x2d
const ZERO = 0x30
const NINE_DIGITS = 1e9
const SMALL_END = 2 ** 31
const WORD = 2 ** 32
/** Below 2^53 a number is exact. */
const CAS_HIGH_MAX = 2 ** 21 - 1
const NUMBER_LENGTH_MAX = 16
const WORD_LENGTH = 4
/** What a byte holds: the change may be overwritten while it is read. */
const KEY_LENGTH_MAX = 255
/** The number twice, the key, the cas, the size, the ttl; and what the last piece may change behind it. */
const FIELDS_LENGTH_MAX = 5 * NUMBER_LENGTH_MAX + KEY_LENGTH_MAX + WORD_LENGTH
