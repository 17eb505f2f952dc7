import {
  BODY_LENGTH,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  MAGIC,
  OPCODE,
  REQUEST_MAGIC,
} from '../../../lib/protocol/binary/header.js'
import { opcodeOf } from './frames.js'

const GET = opcodeOf('get')
const SET_QUIETLY = opcodeOf('setq')
const DELETE_QUIETLY = opcodeOf('deleteq')
const NOOP = opcodeOf('noop')

/** Client flags and expiry, both 0. */
const ITEM_EXTRAS_LENGTH = 8
const FIRST_LENGTH = 64 * 1024
/** memcached accepts no item above 1 MiB by default. */
export const VALUE_LENGTH_MAX = 1_000_000
const VALUE = Buffer.alloc(VALUE_LENGTH_MAX, 'value ')

/** Writes requests one after the other, to be sent at once: loads of millions are made without garbage. */
export class RequestWriter {
  private bytes = Buffer.alloc(FIRST_LENGTH)
  private length = 0

  get(key: string): void {
    this.write(GET, key)
  }

  setQuietly(key: string, valueLength: number): void {
    this.write(SET_QUIETLY, key, ITEM_EXTRAS_LENGTH, valueLength)
  }

  deleteQuietly(key: string): void {
    this.write(DELETE_QUIETLY, key)
  }

  noop(): void {
    this.write(NOOP, '')
  }

  /** The bytes written since the last call. The next write overwrites them, so they must be answered before. */
  take(): Buffer {
    const taken = this.bytes.subarray(0, this.length)
    this.length = 0
    return taken
  }

  private write(opcode: number, key: string, extrasLength = 0, valueLength = 0): void {
    const start = this.length
    const keyStart = start + HEADER_LENGTH + extrasLength
    const valueStart = keyStart + key.length
    this.makeRoom(valueStart + valueLength)
    const { bytes } = this
    bytes.fill(0, start, keyStart)
    bytes[start + MAGIC] = REQUEST_MAGIC
    bytes[start + OPCODE] = opcode
    bytes[start + EXTRAS_LENGTH] = extrasLength
    bytes.writeUInt16BE(key.length, start + KEY_LENGTH)
    bytes.writeUInt32BE(extrasLength + key.length + valueLength, start + BODY_LENGTH)
    bytes.write(key, keyStart, 'latin1')
    VALUE.copy(bytes, valueStart, 0, valueLength)
    this.length = valueStart + valueLength
  }

  private makeRoom(length: number): void {
    if (length <= this.bytes.length) return
    const larger = Buffer.alloc(2 * length)
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}
