/**
 * Binary frames for the specs, written and read byte by byte and independently of the server's own coders, so that
 * the bytes a spec expects do not come from the code it tests.
 */

export const Op = {
  GET: 0x00,
  SET: 0x01,
  ADD: 0x02,
  REPLACE: 0x03,
  DELETE: 0x04,
  INCREMENT: 0x05,
  DECREMENT: 0x06,
  QUIT: 0x07,
  FLUSH: 0x08,
  GETQ: 0x09,
  NOOP: 0x0a,
  VERSION: 0x0b,
  GETK: 0x0c,
  GETKQ: 0x0d,
  APPEND: 0x0e,
  PREPEND: 0x0f,
  STAT: 0x10,
  SETQ: 0x11,
  ADDQ: 0x12,
  REPLACEQ: 0x13,
  DELETEQ: 0x14,
  INCREMENTQ: 0x15,
  DECREMENTQ: 0x16,
  QUITQ: 0x17,
  FLUSHQ: 0x18,
  APPENDQ: 0x19,
  PREPENDQ: 0x1a,
  VERBOSITY: 0x1b,
  TOUCH: 0x1c,
  GAT: 0x1d,
  GATQ: 0x1e,
  SASL_LIST: 0x20,
  SASL_AUTH: 0x21,
  SASL_STEP: 0x22,
  GATK: 0x23,
  GATKQ: 0x24,
} as const

export type Bytes = string | Buffer

/** The fields of a frame. The lengths follow from the parts unless a spec wants them wrong. */
export interface FrameFields {
  extras?: Bytes
  key?: Bytes
  value?: Bytes
  opaque?: number
  cas?: bigint
  /** The vbucket of a request, the status of a reply. */
  vbucket?: number
  status?: number
  magic?: number
  dataType?: number
  keyLength?: number
  extrasLength?: number
  bodyLength?: number
}

export const HEADER_LENGTH = 24

export function request(opcode: number, fields: FrameFields = {}): Buffer {
  return frame(0x80, opcode, fields)
}

export function reply(opcode: number, fields: FrameFields = {}): Buffer {
  return frame(0x81, opcode, fields)
}

function frame(magic: number, opcode: number, fields: FrameFields): Buffer {
  const extras = bytesOf(fields.extras)
  const key = bytesOf(fields.key)
  const body = Buffer.concat([extras, key, bytesOf(fields.value)])
  const header = Buffer.alloc(HEADER_LENGTH)
  header.writeUInt8(fields.magic ?? magic, 0)
  header.writeUInt8(opcode, 1)
  header.writeUInt16BE(fields.keyLength ?? key.length, 2)
  header.writeUInt8(fields.extrasLength ?? extras.length, 4)
  header.writeUInt8(fields.dataType ?? 0, 5)
  header.writeUInt16BE(fields.vbucket ?? fields.status ?? 0, 6)
  header.writeUInt32BE(fields.bodyLength ?? body.length, 8)
  header.writeUInt32BE(fields.opaque ?? 0, 12)
  header.writeBigUInt64BE(fields.cas ?? 0n, 16)
  return Buffer.concat([header, body])
}

/** Text is one byte a character, so that a spec can write any byte as '\xff'. */
export function bytesOf(bytes: Bytes | undefined): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : (bytes ?? Buffer.alloc(0))
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}

/** The extras of SET, ADD and REPLACE. */
export function itemExtras(flags = 0, expiry = 0): Buffer {
  return Buffer.concat([uint32(flags), uint32(expiry)])
}

/** The extras of INCREMENT and DECREMENT. */
export function counterExtras(delta: bigint, initial = 0n, expiry = 0): Buffer {
  return Buffer.concat([uint64(delta), uint64(initial), uint32(expiry)])
}

/** The length of the first frame, or undefined while it is not whole. */
export function frameLength(bytes: Buffer): number | undefined {
  if (bytes.length < HEADER_LENGTH) return undefined
  const length = HEADER_LENGTH + bytes.readUInt32BE(8)
  return bytes.length < length ? undefined : length
}

/** All whole frames; an incomplete rest comes last. */
export function splitFrames(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = []
  let rest = bytes
  while (rest.length > 0) {
    const length = frameLength(rest) ?? rest.length
    frames.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return frames
}

export const opcodeOf = (bytes: Buffer): number => bytes.readUInt8(1)
export const statusOf = (bytes: Buffer): number => bytes.readUInt16BE(6)
export const opaqueOf = (bytes: Buffer): number => bytes.readUInt32BE(12)
export const casOf = (bytes: Buffer): bigint => bytes.readBigUInt64BE(16)

export function keyIn(bytes: Buffer): string {
  const start = HEADER_LENGTH + bytes.readUInt8(4)
  return bytes.toString('latin1', start, start + bytes.readUInt16BE(2))
}

export function valueIn(bytes: Buffer): Buffer {
  return bytes.subarray(HEADER_LENGTH + bytes.readUInt8(4) + bytes.readUInt16BE(2))
}

/** Every bit of a frame in words, so that a failed comparison can be read. `cas` may have another name. */
export function showFrame(bytes: Buffer, nameOfCas: (cas: bigint) => string = String): string {
  if (frameLength(bytes) === undefined) return `incomplete ${bytes.toString('hex')}`
  const extrasEnd = HEADER_LENGTH + bytes.readUInt8(4)
  const keyEnd = extrasEnd + bytes.readUInt16BE(2)
  return [
    `magic ${hex(bytes.readUInt8(0), 2)}`,
    `opcode ${hex(opcodeOf(bytes), 2)} (${OPCODE_NAMES.get(opcodeOf(bytes)) ?? 'unnamed'})`,
    `status ${hex(statusOf(bytes), 4)}`,
    `data type ${bytes.readUInt8(5)}`,
    `opaque ${hex(opaqueOf(bytes), 8)}`,
    `cas ${nameOfCas(casOf(bytes))}`,
    `extras ${showBytes(bytes.subarray(HEADER_LENGTH, extrasEnd))}`,
    `key ${showBytes(bytes.subarray(extrasEnd, keyEnd))}`,
    `value ${showBytes(bytes.subarray(keyEnd))}`,
  ].join(', ')
}

const OPCODE_NAMES = new Map<number, string>(Object.entries(Op).map(([name, code]) => [code, name]))
const SHOWN_BYTES_MAX = 100

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`

function showBytes(bytes: Buffer): string {
  const text = JSON.stringify(bytes.toString('latin1', 0, SHOWN_BYTES_MAX))
  return bytes.length > SHOWN_BYTES_MAX ? `${text}… (${bytes.length} bytes)` : text
}
