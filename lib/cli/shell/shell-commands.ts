/** The rows of the commands for the shell. */
import { ExitCode } from '../exit-codes.js'
import { CONNECTION_OPTIONS, SERVER_OPTIONS, TALKING_EXITS } from '../server-options.js'
import type { OptionRow, SubCommand } from '../sub-command.js'

const JSON_OUTPUT: OptionRow = { name: 'json', help: 'print JSON' }
const FLAGS: OptionRow = { name: 'flags', argument: 'N', help: 'client flags, 32 bits (default: 0)' }
const EXPIRY: OptionRow = {
  name: 'expiry',
  argument: 'SECONDS',
  help: 'time to live; beyond 30 days an absolute time, 0 is never (default: 0)',
}
const SHELL_OPTIONS: readonly OptionRow[] = [JSON_OUTPUT, ...CONNECTION_OPTIONS]

const COUNTER_OPTIONS: readonly OptionRow[] = [
  { name: 'initial', argument: 'N', help: 'create the counter with this number when it is not there' },
  { ...EXPIRY, help: 'time to live of a counter that is created (default: 0, never)' },
  ...SHELL_OPTIONS,
]
const COUNTER_EXITS = {
  [ExitCode.OK]: 'it is counted',
  [ExitCode.NO]: 'the key is not there',
  ...TALKING_EXITS,
}

const VALUE_BYTES =
  'Keys and values are bytes: what the shell gives is sent as it is, what comes back is printed as it is.'

export const SHELL_COMMANDS: readonly SubCommand[] = [
  {
    name: 'ping',
    summary: 'ask whether a server answers',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: SHELL_OPTIONS,
    details: ['Prints the version of the server. Made for the health check of a container.'],
    exits: { [ExitCode.OK]: 'it answers', [ExitCode.NO]: 'it does not, or refuses the login' },
    load: async () => (await import('./ping.js')).ping,
  },
  {
    name: 'get',
    summary: 'print the value of a key',
    operands: 'KEY...',
    operandCount: [1, 1000],
    options: SHELL_OPTIONS,
    details: [`The values stand one behind the other, with nothing between or behind them. ${VALUE_BYTES}`],
    exits: { [ExitCode.OK]: 'every key was found', [ExitCode.NO]: 'a key was not found', ...TALKING_EXITS },
    load: async () => (await import('./get.js')).get,
  },
  {
    name: 'set',
    summary: 'store a value',
    operands: 'KEY [VALUE]',
    operandCount: [1, 2],
    options: [
      FLAGS,
      EXPIRY,
      { name: 'add', help: 'only if the key is not there' },
      { name: 'replace', help: 'only if the key is there' },
      { name: 'append', help: 'put it behind the value that is there' },
      { name: 'prepend', help: 'put it before the value that is there' },
      { name: 'cas', argument: 'N', help: 'only if the item still has this cas' },
      ...SHELL_OPTIONS,
    ],
    details: [`Without VALUE, or when it is a dash, the value is read from standard input. ${VALUE_BYTES}`],
    exits: {
      [ExitCode.OK]: 'it is stored',
      [ExitCode.NO]: 'it is not, because of what was there',
      ...TALKING_EXITS,
    },
    load: async () => (await import('./set.js')).set,
  },
  {
    name: 'delete',
    summary: 'remove keys',
    operands: 'KEY...',
    operandCount: [1, 1000],
    options: SHELL_OPTIONS,
    details: [],
    exits: { [ExitCode.OK]: 'all were there', [ExitCode.NO]: 'a key was not there', ...TALKING_EXITS },
    load: async () => (await import('./delete.js')).remove,
  },
  {
    name: 'incr',
    summary: 'add to a counter, and print it',
    operands: 'KEY [DELTA]',
    operandCount: [1, 2],
    options: COUNTER_OPTIONS,
    details: ['DELTA is 1 when left out; a negative one counts down, and not below 0.'],
    exits: COUNTER_EXITS,
    load: async () => (await import('./incr.js')).incr,
  },
  {
    name: 'decr',
    summary: 'take from a counter, and print it',
    operands: 'KEY [DELTA]',
    operandCount: [1, 2],
    options: COUNTER_OPTIONS,
    details: ['DELTA is 1 when left out. A counter does not go below 0. A negative DELTA counts up.'],
    exits: COUNTER_EXITS,
    load: async () => (await import('./decr.js')).decr,
  },
  {
    name: 'touch',
    summary: 'give a key a new time to live',
    operands: 'KEY SECONDS',
    operandCount: [2, 2],
    options: SHELL_OPTIONS,
    details: [
      'Beyond 30 days SECONDS is an absolute time; 0 is never; a negative number ends the item at once.',
    ],
    exits: { [ExitCode.OK]: 'the key was there', [ExitCode.NO]: 'the key was not there', ...TALKING_EXITS },
    load: async () => (await import('./touch.js')).touch,
  },
  {
    name: 'stats',
    summary: 'print the statistics of a server',
    operands: '[GROUP] [ADDRESS]',
    operandCount: [0, 2],
    completes: ['settings', 'items', 'slabs', 'sizes', 'conns'],
    options: SHELL_OPTIONS,
    details: [
      'One statistic in a line, its name, a space and its value. ADDRESS is told from GROUP by its colon or slash.',
      'The groups detail and reset, which change something, are refused.',
    ],
    exits: { [ExitCode.OK]: 'here they are', [ExitCode.NO]: 'there is no such group', ...TALKING_EXITS },
    load: async () => (await import('./stats.js')).stats,
  },
  {
    name: 'keys',
    summary: 'print the keys of a server',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: [
      { name: 'prefix', argument: 'TEXT', help: 'only keys that begin so' },
      { name: 'limit', argument: 'N', help: 'no more than so many' },
      JSON_OUTPUT,
      ...SERVER_OPTIONS,
    ],
    details: [
      'One key in a line. A key with other bytes than printable ASCII is printed percent-encoded.',
      'Keys are listed by the text protocol, the only one that can: lru_crawler metadump, or stats cachedump where the server has no crawler, and then not necessarily all. It reads the whole cache: not a thing for every minute.',
    ],
    exits: {
      [ExitCode.OK]: 'here they are',
      [ExitCode.NO]: 'the server has no means to list them',
      ...TALKING_EXITS,
    },
    load: async () => (await import('./keys.js')).keys,
  },
  {
    name: 'flush',
    summary: 'forget every item of a server',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: [
      { name: 'delay', argument: 'SECONDS', help: 'do it so much later (default: 0, at once)' },
      ...SHELL_OPTIONS,
    ],
    details: [],
    exits: { [ExitCode.OK]: 'it is done', ...TALKING_EXITS },
    load: async () => (await import('./flush.js')).flush,
  },
]
