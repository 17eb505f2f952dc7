import { bigintOf, integerOf } from './numbers.js'
import { pickleOf, unpickled } from './pickle.js'
import { copyOfRange, isBytes, textBytes, textOfRange } from './plain-bytes.js'
import { unwritable } from './value-errors.js'
import type { EncodedValue, ValueFormat } from './value-format.js'

/**
 * The clients of Python agree on these bits, and on zlib's (1 << 3). Bit 4 is text for one, and bytes for the other; a long
 * integer is one of Python 2, except in pylibmc.
 */
const PICKLE = 1 << 0
const INTEGER = 1 << 1
const LONG = 1 << 2
const MARKED = 1 << 4

interface PythonFlags {
  readonly name: string
  readonly text: number
  readonly bytes: number
  /** pylibmc writes every integer of Python 3 as LONG, and booleans as INTEGER. */
  readonly hasBooleans: boolean
}

/** pymemcache with its pickle serde, and python-memcached. */
export const PYMEMCACHE_FORMAT = formatOf({ name: 'pymemcache', text: MARKED, bytes: 0, hasBooleans: false })
export const PYLIBMC_FORMAT = formatOf({ name: 'pylibmc', text: MARKED, bytes: 0, hasBooleans: true })
export const BMEMCACHED_FORMAT = formatOf({ name: 'bmemcached', text: 0, bytes: MARKED, hasBooleans: false })

function formatOf(flags: PythonFlags): ValueFormat {
  return {
    encode(value: unknown, target: EncodedValue): void {
      if (typeof value === 'string') fill(target, textBytes(value), flags.text)
      else if (isBytes(value)) fill(target, value, flags.bytes)
      else if (typeof value === 'bigint') fill(target, Buffer.from(`${value}`, 'latin1'), LONG)
      else if (Number.isSafeInteger(value) && !Object.is(value, -0))
        fill(target, Buffer.from(`${value}`, 'latin1'), flags.hasBooleans ? LONG : INTEGER)
      else if (flags.hasBooleans && typeof value === 'boolean')
        fill(target, Buffer.from(value ? '1' : '0', 'latin1'), INTEGER)
      else fill(target, pickleOrThrow(value, flags.name), PICKLE)
    },

    decode(bytes: Buffer, start: number, end: number, clientFlags: number): unknown {
      if (clientFlags === flags.text) return textOfRange(bytes, start, end)
      if (clientFlags === INTEGER) {
        const text = textOfRange(bytes, start, end)
        if (flags.hasBooleans && (text === '0' || text === '1')) return text === '1'
        return integerOf(text)
      }
      if (clientFlags === LONG) {
        const text = textOfRange(bytes, start, end)
        return flags.hasBooleans ? integerOf(text) : bigintOf(text)
      }
      const copy = copyOfRange(bytes, start, end)
      if (clientFlags !== PICKLE) return copy
      const value = unpickled(copy)
      return value === undefined ? copy : value
    },
  }
}

function pickleOrThrow(value: unknown, name: string): Buffer {
  const pickle = pickleOf(value)
  if (pickle === undefined) throw unwritable(value, `${name} has such values in the serialization of Python`)
  return pickle
}

function fill(target: EncodedValue, bytes: Uint8Array, clientFlags: number): void {
  target.bytes = bytes
  target.clientFlags = clientFlags
}
