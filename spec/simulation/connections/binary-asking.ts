import { Command } from '../../../lib/request/command.js'
import { Status } from '../../../lib/request/status.js'
import { counterExtras, itemExtras, Op, reply, request, uint32, uint64 } from '../../support/frames.js'
import type { Random } from '../../support/random.js'
import type { KeyModel } from '../key-model.js'
import type { Operation } from '../outcome.js'
import { type Asked, latin1, SILENCE, type Told } from './asked.js'

/** The opcodes of each command, loud and quiet; and those that return the key. */
const CODES: Partial<
  Record<Command, readonly [loud: number, quiet?: number, withKey?: number, quietWithKey?: number]>
> = {
  [Command.GET]: [Op.GET, Op.GETQ, Op.GETK, Op.GETKQ],
  [Command.GET_AND_TOUCH]: [Op.GAT, Op.GATQ, Op.GATK, Op.GATKQ],
  [Command.TOUCH]: [Op.TOUCH],
  [Command.SET]: [Op.SET, Op.SETQ],
  [Command.ADD]: [Op.ADD, Op.ADDQ],
  [Command.REPLACE]: [Op.REPLACE, Op.REPLACEQ],
  [Command.APPEND]: [Op.APPEND, Op.APPENDQ],
  [Command.PREPEND]: [Op.PREPEND, Op.PREPENDQ],
  [Command.DELETE]: [Op.DELETE, Op.DELETEQ],
  [Command.INCREMENT]: [Op.INCREMENT, Op.INCREMENTQ],
  [Command.DECREMENT]: [Op.DECREMENT, Op.DECREMENTQ],
}

const ERRORS: Partial<Record<Status, readonly [number, string]>> = {
  [Status.NOT_FOUND]: [0x01, 'Not found'],
  [Status.EXISTS]: [0x02, 'Data exists for key.'],
  [Status.TOO_LARGE]: [0x03, 'Too large.'],
  [Status.NOT_STORED]: [0x05, 'Not stored.'],
  [Status.NOT_A_NUMBER]: [0x06, 'Non-numeric server-side value for incr or decr'],
  [Status.OUT_OF_MEMORY]: [0x82, 'Out of memory'],
  [Status.TEMPORARY_FAILURE]: [0x86, 'Temporary failure'],
}

/** An expiry that says: do not create the counter. */
const NO_COUNTER = 0xffff_ffff

/** A request about an item. Numbers have no sign here: an item that is to expire at once gets a past time. */
export function askBinary(
  random: Random,
  quietShare: number,
  key: KeyModel,
  given: Operation,
  opaque: number,
  now: number,
): Asked {
  const operation = given.expiry < 0 ? { ...given, expiry: now - 5 } : given
  const { command, value, cas } = operation
  const [loud, quiet, withKey, quietWithKey] = CODES[command]!
  const isQuiet = quiet !== undefined && random.chance(quietShare)
  const tellsKey = withKey !== undefined && random.chance(0.3)
  const opcode = tellsKey ? (isQuiet ? quietWithKey! : withKey) : isQuiet ? quiet : loud
  const isExtension = command === Command.APPEND || command === Command.PREPEND
  const hasValue = isExtension || STORES.has(command)
  const head = request(opcode, {
    extras: extrasOf(operation),
    key: key.key,
    opaque,
    cas: BigInt(cas),
    bodyLength: extrasOf(operation).length + key.key.length + (hasValue ? value.length : 0),
    vbucket: random.below(0x1_0000),
  })
  const replyTo = (told: Told): readonly Buffer[] => {
    const isGet = command === Command.GET || command === Command.GET_AND_TOUCH
    if (isQuiet && told.status === (isGet ? Status.NOT_FOUND : Status.OK)) return SILENCE
    return told.status === Status.OK
      ? success(opcode, opaque, operation, told, tellsKey ? key.key : EMPTY)
      : [failure(opcode, opaque, told.status, tellsKey ? key.key : EMPTY)]
  }
  return {
    bytes: hasValue ? [head, value] : [head],
    parts: [{ item: { key, operation }, reply: replyTo }],
    isLast: false,
  }
}

export function flushBinary(random: Random, quietShare: number, expiry: number, opaque: number): Asked {
  const isQuiet = random.chance(quietShare)
  const opcode = isQuiet ? Op.FLUSHQ : Op.FLUSH
  const extras = expiry === 0 ? EMPTY : uint32(expiry)
  return {
    bytes: [request(opcode, { extras, opaque })],
    parts: [
      {
        flushExpiry: expiry,
        reply: ({ status }) => {
          if (status !== Status.OK) return [failure(opcode, opaque, status, EMPTY)]
          return isQuiet ? SILENCE : [reply(opcode, { opaque })]
        },
      },
    ],
    isLast: false,
  }
}

export function noopBinary(opaque: number): Asked {
  const parts = [{ reply: () => [reply(Op.NOOP, { opaque })] }]
  return { bytes: [request(Op.NOOP, { opaque })], parts, isLast: false }
}

export function quitBinary(random: Random, opaque: number): Asked {
  const opcode = random.pick([Op.QUIT, Op.QUITQ])
  const parts = [{ reply: () => (opcode === Op.QUIT ? [reply(opcode, { opaque })] : SILENCE) }]
  return { bytes: [request(opcode, { opaque })], parts, isLast: true }
}

const STORES: ReadonlySet<Command> = new Set([Command.SET, Command.ADD, Command.REPLACE])

function extrasOf({ command, clientFlags, expiry, delta, initial }: Operation): Buffer {
  switch (command) {
    case Command.SET:
    case Command.ADD:
    case Command.REPLACE:
      return itemExtras(clientFlags >>> 0, expiry)
    case Command.INCREMENT:
    case Command.DECREMENT:
      return initial === undefined
        ? counterExtras(delta, 0n, NO_COUNTER)
        : counterExtras(delta, initial, expiry)
    case Command.TOUCH:
    case Command.GET_AND_TOUCH:
      return uint32(expiry)
    default:
      return EMPTY
  }
}

function success(
  opcode: number,
  opaque: number,
  { command }: Operation,
  { before, after }: Told,
  key: Buffer,
): readonly Buffer[] {
  switch (command) {
    case Command.GET:
    case Command.GET_AND_TOUCH: {
      const { value, clientFlags, cas } = before!
      const extras = uint32(clientFlags >>> 0)
      const bodyLength = extras.length + key.length + value.length
      return [reply(opcode, { extras, key, opaque, cas: BigInt(cas), bodyLength }), value]
    }
    case Command.TOUCH:
      return [reply(opcode, { extras: uint32(before!.clientFlags >>> 0), opaque, cas: BigInt(before!.cas) })]
    case Command.DELETE:
      return [reply(opcode, { opaque })]
    case Command.INCREMENT:
    case Command.DECREMENT: {
      const number = BigInt(after!.value.toString('latin1').trimEnd())
      return [reply(opcode, { value: uint64(number), opaque, cas: BigInt(after!.cas) })]
    }
    default:
      return [reply(opcode, { opaque, cas: BigInt(after!.cas) })]
  }
}

function failure(opcode: number, opaque: number, status: Status, key: Buffer): Buffer {
  const [code, text] = ERRORS[status]!
  if (status === Status.NOT_FOUND && key.length > 0) return reply(opcode, { status: code, opaque, key })
  return reply(opcode, { status: code, opaque, value: latin1(text) })
}

const EMPTY = Buffer.alloc(0)
