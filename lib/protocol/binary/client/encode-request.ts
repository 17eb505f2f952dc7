import type { Output } from '../../../net/codecs/output.js'
import { Command } from '../../../request/command.js'
import { RequestError } from '../../client/request-error.js'
import type { MessageKey, RequestMessage } from '../../client/request-message.js'
import { checked, checkedUint64, keyRoom, UINT32_MAX, writeKey } from '../../client/write-request.js'
import { writeWord } from '../../write.js'
import {
  BODY_LENGTH,
  CAS,
  EXTRAS_LENGTH,
  HEADER_LENGTH,
  KEY_LENGTH,
  MAGIC,
  OPAQUE,
  OPCODE,
  REQUEST_MAGIC,
} from '../header.js'
import { OPCODES, type Opcode } from '../opcodes.js'

/** Writes a request as a client sends it: see `Codec.encode`. */
export function encodeRequest(request: RequestMessage, output: Output): void {
  const { command, keys, isQuiet, wantsKey, opaque } = request
  if (keys !== undefined) encodeBatch(request, keys, output)
  else encodeFrame(opcodeFor(command, isQuiet, wantsKey), request, request.key, opaque, output)
}

/** A quiet get with its key for each, and a NOOP: the server replies to those that it finds, and to the NOOP. */
function encodeBatch(request: RequestMessage, keys: readonly MessageKey[], output: Output): void {
  const { command, opaque } = request
  if (command !== Command.GET && command !== Command.GET_AND_TOUCH) {
    throw new RequestError('only gets have several keys')
  }
  const opcode = opcodeFor(command, true, true)
  // A key that is too long is refused before the first one is written.
  for (let index = 0; index < keys.length; index++) checkKey(keys[index]!)
  for (let index = 0; index < keys.length; index++) {
    encodeFrame(opcode, request, keys[index]!, opaque + index, output)
  }
  encodeFrame(NOOP, request, '', opaque + keys.length, output)
}

function encodeFrame(
  opcode: Opcode,
  request: RequestMessage,
  key: MessageKey,
  opaque: number,
  output: Output,
): void {
  const hasKey = opcode.key !== 'none'
  const { value } = request
  const valueLength = opcode.value === 'none' ? 0 : value.length
  checked(valueLength, valueLength <= VALUE_LENGTH_MAX)
  output.ensure(HEADER_LENGTH + EXTRAS_LENGTH_MAX + (hasKey ? keyRoom(key) : 0))
  const { bytes, end } = output
  const extrasStart = end + HEADER_LENGTH
  const keyStart = writeExtras(bytes, extrasStart, opcode, request)
  const keyEnd = hasKey ? writeKey(bytes, keyStart, key) : keyStart
  const keyLength = keyEnd - keyStart
  if (keyLength > KEY_LENGTH_MAX) throw longKey(keyLength)
  bytes[end + MAGIC] = REQUEST_MAGIC
  bytes[end + OPCODE] = opcode.code
  bytes[end + KEY_LENGTH] = keyLength >>> 8
  bytes[end + KEY_LENGTH + 1] = keyLength
  // The data type, and the vbucket.
  writeWord(bytes, end + EXTRAS_LENGTH, (keyStart - extrasStart) << 24)
  writeWord(bytes, end + BODY_LENGTH, keyEnd - extrasStart + valueLength)
  writeWord(bytes, end + OPAQUE, opaque)
  writeUint64(bytes, end + CAS, opcode.command === Command.NOOP ? 0n : request.cas)
  output.end = keyEnd
  if (valueLength > 0) output.writeBytes(value)
}

/** Writes the extras, and returns where they end. The rows of the opcodes differ in their count. */
function writeExtras(bytes: Buffer, at: number, opcode: Opcode, request: RequestMessage): number {
  const { expiry } = request
  switch (opcode.extras.length) {
    case 0:
      return opcode === VERBOSITY ? writeLevel(bytes, at, request.delta) : at
    case 1:
      if (opcode.extrasAreOptional && expiry === 0) return at
      return writeExpiry(bytes, at, expiry)
    case 2:
      writeWord(bytes, at, checked(request.clientFlags, request.clientFlags >>> 0 === request.clientFlags))
      return writeExpiry(bytes, at + 4, expiry)
    default:
      return writeCounter(bytes, at, request)
  }
}

function writeCounter(bytes: Buffer, at: number, { delta, initial, expiry }: RequestMessage): number {
  writeUint64(bytes, at, delta)
  writeUint64(bytes, at + 8, initial ?? 0n)
  if (initial === undefined) return writeExpiry(bytes, at + 16, NOT_CREATED)
  // A counter that expires at once: of the negative numbers one has a meaning of its own.
  return writeExpiry(bytes, at + 16, (expiry | 0) === NOT_CREATED ? NOT_CREATED - 1 : expiry)
}

/** The expiry with which a missing counter is not created. */
const NOT_CREATED = -1

function writeExpiry(bytes: Buffer, at: number, expiry: number): number {
  writeWord(bytes, at, checked(expiry, (expiry | 0) === expiry || expiry >>> 0 === expiry))
  return at + 4
}

function writeLevel(bytes: Buffer, at: number, level: bigint): number {
  writeWord(bytes, at, Number(BigInt.asUintN(32, level)))
  return at + 4
}

function writeUint64(bytes: Buffer, at: number, value: bigint): void {
  if (value === 0n) {
    writeWord(bytes, at, 0)
    writeWord(bytes, at + 4, 0)
  } else bytes.writeBigUInt64BE(checkedUint64(value), at)
}

/** The lengths in a header have 16 and 32 bits. */
const KEY_LENGTH_MAX = 0xffff
const EXTRAS_LENGTH_MAX = 20
const VALUE_LENGTH_MAX = UINT32_MAX - KEY_LENGTH_MAX - EXTRAS_LENGTH_MAX

function checkKey(key: MessageKey): void {
  const length = typeof key === 'string' ? Buffer.byteLength(key) : key.length
  if (length > KEY_LENGTH_MAX) throw longKey(length)
}

const longKey = (length: number): RequestError =>
  new RequestError(`a key of ${length} bytes: the binary protocol carries ${KEY_LENGTH_MAX}`)

const VERBOSITY = OPCODES.find(({ name }) => name === 'verbosity')!
const NOOP = OPCODES.find(({ name }) => name === 'noop')!

const QUIET = 1
const WITH_KEY = 2
const VARIANT_COUNT = 4

/** The opcodes of each command: plain, quiet, with the key, both. */
const BY_COMMAND: (Opcode | undefined)[] = Object.values(Command).flatMap((command) =>
  [0, QUIET, WITH_KEY, QUIET | WITH_KEY].map((variant) => rowFor(command, variant)),
)

function rowFor(command: Command, variant: number): Opcode | undefined {
  if (command === Command.VERBOSITY) return VERBOSITY
  if (command === Command.UNKNOWN) return undefined
  const rows = OPCODES.filter((row) => row.command === command)
  const isQuiet = (variant & QUIET) !== 0
  // Only gets have a reply with the key, and QUIT is always quiet: in no protocol does it have a reply.
  const wantsKey = (variant & WITH_KEY) !== 0 && rows.some((row) => row.wantsKey)
  return rows.find(
    (row) => row.isQuiet === (isQuiet || command === Command.QUIT) && row.wantsKey === wantsKey,
  )
}

function opcodeFor(command: Command, isQuiet: boolean, wantsKey: boolean): Opcode {
  const variant = (isQuiet ? QUIET : 0) | (wantsKey ? WITH_KEY : 0)
  const opcode = BY_COMMAND[command * VARIANT_COUNT + variant]
  if (opcode === undefined) throw new RequestError('the binary protocol has no such request')
  return opcode
}
