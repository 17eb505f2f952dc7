import { SmartBuffer } from 'smart-buffer'
import { REPLY_MAGIC } from '../header.js'
import { EXTRA_LENGTHS, type Extras, OPCODES } from '../opcodes.js'
import type { Frame } from './frame.js'
import { FrameError } from './frame-error.js'
import { type NumbersIn, readerOf, writeNumbers } from './number-fields.js'

/** The numbers in extras. The opcode decides which there are, and their order. */
export interface ExtraNumbers {
  readonly clientFlags?: number | undefined
  /** Seconds from now, or an absolute time; 0: never; 0xffffffff: do not create a missing counter. */
  readonly expiry?: number | undefined
  readonly delta?: bigint | undefined
  readonly initial?: bigint | undefined
}

/**
 * The numbers in a frame's extras; an empty object if it has no extras and needs none. Undefined if the
 * extras do not have the length of the opcode, so they cannot be read.
 */
export function readExtras(frame: Frame): ExtraNumbers | undefined {
  const layout = layoutOf(frame.magic, frame.opcode)
  if (frame.extras.length === 0 && layout.isOptional) return {}
  if (frame.extras.length !== layout.length) return undefined
  return { ...layout.read(frame.extras) }
}

/** The extras of such a frame. Missing numbers are 0; if all are missing, and may be, there are no extras. */
export function encodeExtras(magic: Frame['magic'], opcode: number, numbers: ExtraNumbers): Buffer {
  const layout = layoutOf(magic, opcode)
  const given = Object.entries(numbers).filter(([, number]) => number !== undefined)
  for (const [name] of given) {
    if (layout.fields.some((field) => field.name === name)) continue
    throw new FrameError('UNKNOWN_NAME', `opcode ${opcode} has no ${name} in its extras`)
  }
  if (given.length === 0 && layout.isOptional) return Buffer.alloc(0)
  const writer = SmartBuffer.fromSize(layout.length)
  writeNumbers(writer, layout.fields, { ...ZEROES, ...Object.fromEntries(given) })
  return writer.toBuffer()
}

const ZEROES = { clientFlags: 0, expiry: 0, delta: 0n, initial: 0n } as const

type ExtraName = keyof typeof EXTRA_LENGTHS
type ExtraField = { [Name in ExtraName]: { name: Name; bytes: (typeof EXTRA_LENGTHS)[Name] } }[ExtraName]

interface ExtrasLayout {
  readonly fields: readonly ExtraField[]
  readonly length: number
  readonly isOptional: boolean
  readonly read: (bytes: Uint8Array) => NumbersIn<ExtraField>
}

function layoutWith(extras: Extras, isOptional: boolean): ExtrasLayout {
  const fields = extras.map((name) => ({ name, bytes: EXTRA_LENGTHS[name] }) as ExtraField)
  const length = fields.reduce((sum, field) => sum + field.bytes, 0)
  return { fields, length, isOptional: isOptional || length === 0, read: readerOf(fields) }
}

const REQUESTS = new Map(OPCODES.map((row) => [row.code, layoutWith(row.extras, row.extrasAreOptional)]))
const UNKNOWN = layoutWith([], true)
/** A reply with an item has its flags, whatever the opcode; no other reply has extras. */
const REPLY = layoutWith(['clientFlags'], true)

function layoutOf(magic: Frame['magic'], opcode: number): ExtrasLayout {
  return magic === REPLY_MAGIC ? REPLY : (REQUESTS.get(opcode) ?? UNKNOWN)
}
