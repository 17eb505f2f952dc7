import { type ChosenName, changeOf } from '../change.js'
import type { ChangeForm } from './change-form.js'
import { Piece } from './piece.js'

/**
 * What is the same in the texts of all changes of a kind:
 *
 *     {"kind":"set","position":"<history>.42","key":"sky","cas":"7","size":4,"ttl":-1}
 *     └ head ───────────────────────────┘  └ key ─┘   └ cas ─┘ └ size ┘ └ ttl┘  └ end
 */
export interface FormPieces {
  /** Each is followed by the number of the change: a text may have its position twice. */
  readonly heads: readonly Piece[]
  /** Each is followed by that field; `cas`, `size` and `ttl` only if the change has these. */
  readonly key: Piece
  readonly cas: Piece
  readonly size: Piece
  readonly ttl: Piece
  readonly hasItem: boolean
  readonly end: Piece
  /** The ttl, of an item that never expires, and the end. */
  readonly endNever: Piece
}

/** They are cut out of the text of a sample. Undefined if its fields are not in the order of those of a change. */
export function piecesOf(form: ChangeForm, kind: ChosenName, history: string): FormPieces | undefined {
  const hasItem = kind !== 'delete'
  const { number, key, cas, size, ttl } = SAMPLE
  const item = hasItem ? { cas: BigInt(cas), size: Number(size), ttl: Number(ttl) } : {}
  const position = `${history}.${number}`
  const change = changeOf(kind, { position, key, keyBytes: Buffer.from(key), ...item })
  const parts = form.text(change).split(SAMPLED)
  const texts = parts.filter((_, index) => index % 2 === 0)
  const literals = texts.map((text) => new Piece(text))
  const fields = parts.filter((_, index) => index % 2 === 1)
  const headCount = fields.lastIndexOf(number) + 1
  const expected = hasItem ? [key, cas, size, ttl] : [key]
  if (fields.slice(headCount).join() !== expected.join()) return undefined
  const heads = literals.splice(0, headCount)
  const end = literals.pop()!
  const [keyPiece, casPiece = NOTHING, sizePiece = NOTHING, ttlPiece = NOTHING] = literals
  const endNever = new Piece(`${texts.at(-2)}-1${texts.at(-1)}`)
  return { heads, key: keyPiece!, cas: casPiece, size: sizePiece, ttl: ttlPiece, hasItem, end, endNever }
}

/** For each byte: 1 if a key may have it as it is in texts of this form. */
export function plainBytesOf(form: ChangeForm): Uint8Array {
  const isPlain = new Uint8Array(256)
  const { key: sampleKey } = SAMPLE
  for (let byte = 0; byte < ASCII_COUNT; byte++) {
    const key = `${sampleKey}${String.fromCharCode(byte)}${sampleKey}`
    const text = form.text(changeOf('delete', { key, keyBytes: Buffer.from(key) }))
    isPlain[byte] = text.includes(key) ? 1 : 0
  }
  return isPlain
}

/** Digits that occur nowhere else, and letters. */
const SAMPLE = {
  number: '987654321012345',
  key: 'SampleKey',
  cas: '9876543210987654321',
  size: '2147480001',
  ttl: '2147480002',
}
const SAMPLED = new RegExp(`(${Object.values(SAMPLE).join('|')})`)
const NOTHING = new Piece('')
const ASCII_COUNT = 128
