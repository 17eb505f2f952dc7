/** The rows of the commands for the shell. */

import { CONNECTION_OPTIONS, SERVER_OPTIONS, TALKING_EXITS } from '../arguments/server-options.js'
import type { OptionRow, SubCommand } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'

const JSON_OUTPUT: OptionRow = { name: 'json', help: 'print JSON' }
const FLAGS: OptionRow = { name: 'flags', argument: 'N', help: 'client flags, 32 bits (default: 0)' }
const EXPIRY: OptionRow = {
  name: 'expiry',
  argument: 'SECONDS',
  help: 'time to live; beyond 30 days an absolute time; 0: never expires (default: 0)',
}
const SHELL_OPTIONS: readonly OptionRow[] = [JSON_OUTPUT, ...CONNECTION_OPTIONS]

const COUNTER_OPTIONS: readonly OptionRow[] = [
  { name: 'initial', argument: 'N', help: 'create a missing counter with this number' },
  { ...EXPIRY, help: 'time to live of a created counter (default: 0, never expires)' },
  ...SHELL_OPTIONS,
]
const COUNTER_EXITS = {
  [ExitCode.OK]: 'the counter was changed',
  [ExitCode.NO]: 'the key does not exist',
  ...TALKING_EXITS,
}

const VALUE_BYTES = 'Keys and values are bytes, sent and printed unchanged.'

export const SHELL_COMMANDS: readonly SubCommand[] = [
  {
    name: 'ping',
    summary: 'check whether a server answers',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: SHELL_OPTIONS,
    details: ['Prints the version of the server. Made for the health check of a container.'],
    exits: { [ExitCode.OK]: 'the server answers', [ExitCode.NO]: 'it does not answer, or refuses the login' },
    load: async () => (await import('./ping.js')).ping,
  },
  {
    name: 'get',
    summary: 'print the value of a key',
    operands: 'KEY...',
    operandCount: [1, 1000],
    options: SHELL_OPTIONS,
    details: [`Values are printed one after the other, without separators. ${VALUE_BYTES}`],
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
      { name: 'add', help: 'only if the key does not exist' },
      { name: 'replace', help: 'only if the key exists' },
      { name: 'append', help: 'add it to the end of the existing value' },
      { name: 'prepend', help: 'add it to the beginning of the existing value' },
      { name: 'cas', argument: 'N', help: 'only if the item still has this cas' },
      ...SHELL_OPTIONS,
    ],
    details: [`If VALUE is missing or a dash, the value is read from standard input. ${VALUE_BYTES}`],
    exits: {
      [ExitCode.OK]: 'the value was stored',
      [ExitCode.NO]: 'it was not, because of the existing item',
      ...TALKING_EXITS,
    },
    load: async () => (await import('./set.js')).set,
  },
  {
    name: 'delete',
    summary: 'delete keys',
    operands: 'KEY...',
    operandCount: [1, 1000],
    options: SHELL_OPTIONS,
    details: [],
    exits: { [ExitCode.OK]: 'all keys existed', [ExitCode.NO]: 'a key did not exist', ...TALKING_EXITS },
    load: async () => (await import('./delete.js')).remove,
  },
  {
    name: 'incr',
    summary: 'add to a counter, and print it',
    operands: 'KEY [DELTA]',
    operandCount: [1, 2],
    options: COUNTER_OPTIONS,
    details: ['DELTA is 1 by default. A negative DELTA decrements, but not below 0.'],
    exits: COUNTER_EXITS,
    load: async () => (await import('./incr.js')).incr,
  },
  {
    name: 'decr',
    summary: 'subtract from a counter, and print it',
    operands: 'KEY [DELTA]',
    operandCount: [1, 2],
    options: COUNTER_OPTIONS,
    details: ['DELTA is 1 by default. A counter does not go below 0. A negative DELTA increments.'],
    exits: COUNTER_EXITS,
    load: async () => (await import('./decr.js')).decr,
  },
  {
    name: 'touch',
    summary: 'set a new time to live',
    operands: 'KEY SECONDS',
    operandCount: [2, 2],
    options: SHELL_OPTIONS,
    details: [
      'Beyond 30 days SECONDS is an absolute time. With 0 the item never expires, with a negative number it expires at once.',
    ],
    exits: { [ExitCode.OK]: 'the key existed', [ExitCode.NO]: 'the key did not exist', ...TALKING_EXITS },
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
      'Prints one statistic per line: name, space, value. An ADDRESS has a colon or a slash, a GROUP has none.',
      'The groups detail and reset are refused, because they change state.',
    ],
    exits: { [ExitCode.OK]: 'success', [ExitCode.NO]: 'there is no such group', ...TALKING_EXITS },
    load: async () => (await import('./stats.js')).stats,
  },
  {
    name: 'keys',
    summary: 'print the keys of a server',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: [
      { name: 'prefix', argument: 'TEXT', help: 'only keys with this prefix' },
      { name: 'limit', argument: 'N', help: 'at most this many keys' },
      JSON_OUTPUT,
      ...SERVER_OPTIONS,
    ],
    details: [
      'Prints one key per line. A key with other bytes than printable ASCII is percent-encoded.',
      'Uses the text protocol, the only one that can list keys: lru_crawler metadump, or stats cachedump if the server has no crawler, which may not list all. It reads the whole cache: do not run it often.',
    ],
    exits: {
      [ExitCode.OK]: 'success',
      [ExitCode.NO]: 'the server cannot list keys',
      ...TALKING_EXITS,
    },
    load: async () => (await import('./keys.js')).keys,
  },
  {
    name: 'changes',
    summary: 'print what changes on a server, as it happens',
    operands: '[PREFIX]',
    operandCount: [0, 1],
    options: [
      { name: 'since', argument: 'POSITION', help: 'resume after this position' },
      { name: 'initial', help: 'first list all items, unless --since can be resumed' },
      { name: 'values', help: 'print the values, too' },
      JSON_OUTPUT,
      ...SERVER_OPTIONS,
    ],
    details: [
      'Prints one change per line: its kind, its key, and fields. The kinds are item (while listing), set, delete, touch, expire, evict, flush, flush_prefix, position (nothing has changed: resume here) and gap (changes are missing). Keys and values with other bytes than printable ASCII are percent-encoded.',
      'Runs until it is interrupted. A lost connection is made again, and resumes where it was. Needs a keepcached that was started with --changes.',
    ],
    exits: TALKING_EXITS,
    load: async () => (await import('./changes.js')).changes,
  },
  {
    name: 'wait',
    summary: 'wait until a key changes, and print its value',
    operands: 'KEY',
    operandCount: [1, 1],
    options: [
      {
        name: 'after',
        argument: 'CAS',
        help: 'the cas that is known already (default: 0, waits until the key exists)',
      },
      {
        name: 'timeout',
        argument: 'SECONDS',
        help: 'how long to wait, at most 3600 (default: 30)',
      },
      JSON_OUTPUT,
      ...SERVER_OPTIONS.filter(({ name }) => name !== 'timeout'),
    ],
    details: [
      `The cas of a key is printed by 'get --json'. ${VALUE_BYTES} Needs a keepcached that was started with --changes.`,
    ],
    exits: {
      [ExitCode.OK]: 'the key has changed',
      [ExitCode.NO]: 'it does not exist any more; only with --after',
      [ExitCode.TIME_UP]: 'time is up',
      ...TALKING_EXITS,
    },
    load: async () => (await import('./wait.js')).wait,
  },
  {
    name: 'flush',
    summary: 'flush all items of a server, or those of a prefix',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: [
      { name: 'delay', argument: 'SECONDS', help: 'flush after this time (default: 0, at once)' },
      { name: 'prefix', argument: 'P', help: 'flush only items whose keys begin so, at once, over text' },
      ...SHELL_OPTIONS,
    ],
    details: [],
    exits: { [ExitCode.OK]: 'success', ...TALKING_EXITS },
    load: async () => (await import('./flush.js')).flush,
  },
]
