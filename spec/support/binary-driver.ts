import {
  type Bytes,
  casOf,
  counterExtras,
  type FrameFields,
  itemExtras,
  Op,
  reply,
  request,
  showFrame,
  splitFrames,
  uint32,
  uint64,
} from './frames.js'
import type { Operation, Outcome, Verb } from './operations.js'
import type { Exchange, Message, Wire } from './transcript.js'

/** Turns the steps of a behaviour into exchanges of one protocol. */
export interface Driver extends Wire {
  readonly name: string
  /** Undefined if the protocol cannot express it. `index` counts the steps of the transcript. */
  exchange(operation: Operation, outcome: Outcome, index: number): Exchange | undefined
}

const FENCE_OPAQUE = 0xfe0cefe0

export const BINARY_WIRE: Wire = {
  fence: request(Op.NOOP, { opaque: FENCE_OPAQUE }),
  fenceReply: reply(Op.NOOP, { opaque: FENCE_OPAQUE }),
  clear: request(Op.FLUSHQ),
  split: splitFrames,
  casOf,
  show: showFrame,
}

export const binary: Driver = {
  ...BINARY_WIRE,
  name: 'binary',
  exchange(operation, outcome, index) {
    return {
      request: requestMessage(OPCODES[operation.verb].loud, operation, index),
      replies: [replyMessage(OPCODES[operation.verb].loud, outcome, index)],
      isLast: false,
    }
  },
}

/** The quiet opcodes: the same meaning, without the replies that the client expects anyway. */
export const quietBinary: Driver = {
  ...BINARY_WIRE,
  name: 'binary, quietly',
  exchange(operation, outcome, index) {
    const { quiet } = OPCODES[operation.verb]
    if (quiet === undefined) return undefined
    const isSilent = isRead(operation.verb) ? outcome.kind === 'missing' : isSuccess(outcome)
    return {
      request: requestMessage(quiet, operation, index),
      replies: isSilent ? [] : [replyMessage(quiet, outcome, index)],
      isLast: false,
    }
  },
}

const OPCODES: Readonly<Record<Verb, { loud: number; quiet?: number }>> = {
  get: { loud: Op.GET, quiet: Op.GETQ },
  'get and touch': { loud: Op.GAT, quiet: Op.GATQ },
  touch: { loud: Op.TOUCH },
  set: { loud: Op.SET, quiet: Op.SETQ },
  add: { loud: Op.ADD, quiet: Op.ADDQ },
  replace: { loud: Op.REPLACE, quiet: Op.REPLACEQ },
  append: { loud: Op.APPEND, quiet: Op.APPENDQ },
  prepend: { loud: Op.PREPEND, quiet: Op.PREPENDQ },
  delete: { loud: Op.DELETE, quiet: Op.DELETEQ },
  increment: { loud: Op.INCREMENT, quiet: Op.INCREMENTQ },
  decrement: { loud: Op.DECREMENT, quiet: Op.DECREMENTQ },
  flush: { loud: Op.FLUSH, quiet: Op.FLUSHQ },
}

/** An expiry that says: do not create the counter. */
const NO_COUNTER = 0xffffffff

const isRead = (verb: Verb): boolean => verb === 'get' || verb === 'get and touch'

function isSuccess({ kind }: Outcome): boolean {
  return kind === 'stored' || kind === 'counted' || kind === 'done'
}

function requestMessage(opcode: number, operation: Operation, index: number): Message {
  const { key, value } = operation
  const fields = { extras: extrasOf(operation), key, value, opaque: opaqueAt(index) }
  return { casName: operation.cas, bytes: (cas) => request(opcode, { ...fields, cas }) }
}

function extrasOf({ verb, flags, expiry, delta, initial }: Operation): Bytes {
  switch (verb) {
    case 'set':
    case 'add':
    case 'replace':
      return itemExtras(flags, expiry)
    case 'increment':
    case 'decrement':
      return initial === undefined
        ? counterExtras(delta, 0n, NO_COUNTER)
        : counterExtras(delta, initial, expiry)
    case 'touch':
    case 'get and touch':
      return uint32(expiry)
    case 'flush':
      return expiry === 0 ? '' : uint32(expiry)
    default:
      return ''
  }
}

function replyMessage(opcode: number, outcome: Outcome, index: number): Message {
  const fields = { ...replyFields(outcome), opaque: opaqueAt(index) }
  return { casName: outcome.cas, bytes: (cas) => reply(opcode, { ...fields, cas }) }
}

function replyFields({ kind, value = '', flags = 0, number = 0n }: Outcome): FrameFields {
  switch (kind) {
    case 'stored':
    case 'done':
      return {}
    case 'hit':
      return { extras: uint32(flags), value }
    case 'touched':
      return { extras: uint32(flags) }
    case 'counted':
      return { value: uint64(number) }
    default:
      return ERRORS[kind]
  }
}

const ERRORS = {
  missing: { status: 0x01, value: 'Not found' },
  exists: { status: 0x02, value: 'Data exists for key.' },
  'too large': { status: 0x03, value: 'Too large.' },
  'not stored': { status: 0x05, value: 'Not stored.' },
  'not a number': { status: 0x06, value: 'Non-numeric server-side value for incr or decr' },
} as const

/** Every request of a transcript has an opaque of its own, of four different bytes. */
const opaqueAt = (index: number): number => 0xa1b2c300 + index
