import { EXTRA_LENGTHS, OPCODES, type Opcode } from './opcodes.js'

/** The table of opcodes as a number for each of the 256 codes, for the fast coders. */
export const COMMANDS = new Int8Array(256).fill(-1)
export const RULES = new Uint16Array(256)

export const Rule = {
  QUIET: 1,
  WITH_KEY: 2,
  KEY_REQUIRED: 4,
  KEY_ALLOWED: 8,
  VALUE_ALLOWED: 16,
  EXTRAS_OPTIONAL: 32,
} as const

/** The length of the extras is above the flags of a rule. */
export const EXTRAS_SHIFT = 8

const extrasLengthOf = (opcode: Opcode): number =>
  opcode.extras.reduce((sum, extra) => sum + EXTRA_LENGTHS[extra], 0)

for (const opcode of OPCODES) {
  COMMANDS[opcode.code] = opcode.command
  RULES[opcode.code] =
    (opcode.isQuiet ? Rule.QUIET : 0) |
    (opcode.wantsKey ? Rule.WITH_KEY : 0) |
    (opcode.key === 'required' ? Rule.KEY_REQUIRED : 0) |
    (opcode.key === 'none' ? 0 : Rule.KEY_ALLOWED) |
    (opcode.value === 'none' ? 0 : Rule.VALUE_ALLOWED) |
    (opcode.extrasAreOptional ? Rule.EXTRAS_OPTIONAL : 0) |
    (extrasLengthOf(opcode) << EXTRAS_SHIFT)
}
