import { Command } from '../../request/command.js'

/** What may follow the extras. */
export type Presence = 'none' | 'required' | 'optional'

/** The numbers in extras, in the order of the wire, with their lengths. */
export type Extras = readonly ('clientFlags' | 'expiry' | 'delta' | 'initial')[]
export const EXTRA_LENGTHS = { clientFlags: 4, expiry: 4, delta: 8, initial: 8 } as const

export interface Opcode {
  readonly code: number
  readonly name: string
  readonly command: Command
  readonly extras: Extras
  /** The extras may be missing as a whole. */
  readonly extrasAreOptional: boolean
  readonly key: Presence
  readonly value: Presence
  readonly isQuiet: boolean
  readonly wantsKey: boolean
}

type OpcodeTrait = 'quiet' | 'withKey' | 'extrasOptional'

function row(
  code: number,
  name: string,
  command: Command,
  extras: Extras,
  key: Presence,
  value: Presence,
  ...traits: OpcodeTrait[]
): Opcode {
  return {
    code,
    name,
    command,
    extras,
    extrasAreOptional: traits.includes('extrasOptional'),
    key,
    value,
    isQuiet: traits.includes('quiet'),
    wantsKey: traits.includes('withKey'),
  }
}

const NONE: Extras = []
const ITEM: Extras = ['clientFlags', 'expiry']
const COUNTER: Extras = ['delta', 'initial', 'expiry']
const EXPIRY: Extras = ['expiry']

/** Every opcode that has a name. All others are answered with "Unknown command". */
export const OPCODES: readonly Opcode[] = [
  row(0x00, 'get', Command.GET, NONE, 'required', 'none'),
  row(0x01, 'set', Command.SET, ITEM, 'required', 'optional'),
  row(0x02, 'add', Command.ADD, ITEM, 'required', 'optional'),
  row(0x03, 'replace', Command.REPLACE, ITEM, 'required', 'optional'),
  row(0x04, 'delete', Command.DELETE, NONE, 'required', 'none'),
  row(0x05, 'increment', Command.INCREMENT, COUNTER, 'required', 'none'),
  row(0x06, 'decrement', Command.DECREMENT, COUNTER, 'required', 'none'),
  row(0x07, 'quit', Command.QUIT, NONE, 'none', 'none'),
  row(0x08, 'flush', Command.FLUSH, EXPIRY, 'none', 'none', 'extrasOptional'),
  row(0x09, 'getq', Command.GET, NONE, 'required', 'none', 'quiet'),
  row(0x0a, 'noop', Command.NOOP, NONE, 'none', 'none'),
  row(0x0b, 'version', Command.VERSION, NONE, 'none', 'none'),
  row(0x0c, 'getk', Command.GET, NONE, 'required', 'none', 'withKey'),
  row(0x0d, 'getkq', Command.GET, NONE, 'required', 'none', 'quiet', 'withKey'),
  row(0x0e, 'append', Command.APPEND, NONE, 'required', 'optional'),
  row(0x0f, 'prepend', Command.PREPEND, NONE, 'required', 'optional'),
  row(0x10, 'stat', Command.STATS, NONE, 'optional', 'none'),
  row(0x11, 'setq', Command.SET, ITEM, 'required', 'optional', 'quiet'),
  row(0x12, 'addq', Command.ADD, ITEM, 'required', 'optional', 'quiet'),
  row(0x13, 'replaceq', Command.REPLACE, ITEM, 'required', 'optional', 'quiet'),
  row(0x14, 'deleteq', Command.DELETE, NONE, 'required', 'none', 'quiet'),
  row(0x15, 'incrementq', Command.INCREMENT, COUNTER, 'required', 'none', 'quiet'),
  row(0x16, 'decrementq', Command.DECREMENT, COUNTER, 'required', 'none', 'quiet'),
  row(0x17, 'quitq', Command.QUIT, NONE, 'none', 'none', 'quiet'),
  row(0x18, 'flushq', Command.FLUSH, EXPIRY, 'none', 'none', 'quiet', 'extrasOptional'),
  row(0x19, 'appendq', Command.APPEND, NONE, 'required', 'optional', 'quiet'),
  row(0x1a, 'prependq', Command.PREPEND, NONE, 'required', 'optional', 'quiet'),
  // memcached has a name for it, but no command.
  row(0x1b, 'verbosity', Command.UNKNOWN, NONE, 'optional', 'optional'),
  row(0x1c, 'touch', Command.TOUCH, EXPIRY, 'required', 'none'),
  row(0x1d, 'gat', Command.GET_AND_TOUCH, EXPIRY, 'required', 'none'),
  row(0x1e, 'gatq', Command.GET_AND_TOUCH, EXPIRY, 'required', 'none', 'quiet'),
  row(0x20, 'sasl_list_mechs', Command.SASL_MECHANISMS, NONE, 'none', 'none'),
  row(0x21, 'sasl_auth', Command.SASL_START, NONE, 'required', 'optional'),
  row(0x22, 'sasl_step', Command.SASL_STEP, NONE, 'required', 'optional'),
  row(0x23, 'gatk', Command.GET_AND_TOUCH, EXPIRY, 'required', 'none', 'withKey'),
  row(0x24, 'gatkq', Command.GET_AND_TOUCH, EXPIRY, 'required', 'none', 'quiet', 'withKey'),
]
