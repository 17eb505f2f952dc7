/** One row per sub-command. Dispatch, help and shell completion are made of this table; a row loads its code when it runs. */
import { ExitCode } from './exit-codes.js'
import { SERVER_OPTIONS } from './server-options.js'
import type { OptionRow, SubCommand } from './sub-command.js'

const TEXT: OptionRow = { name: 'text', help: 'speak the text protocol instead of the binary one' }
const JSON_OUTPUT: OptionRow = { name: 'json', help: 'print JSON' }
const FLAGS: OptionRow = { name: 'flags', argument: 'N', help: 'client flags, 32 bits (default: 0)' }
const EXPIRY: OptionRow = {
  name: 'expiry',
  argument: 'SECONDS',
  help: 'time to live; beyond 30 days an absolute time, 0 is never (default: 0)',
}
const SHELL_OPTIONS: readonly OptionRow[] = [...SERVER_OPTIONS, TEXT, JSON_OUTPUT]

const TALKING_EXITS = {
  [ExitCode.USAGE]: 'the command line is wrong',
  [ExitCode.UNAVAILABLE]: 'the server cannot be reached',
  [ExitCode.PROTOCOL]: 'the server refuses the request',
  [ExitCode.NO_PERMISSION]: 'the server refuses the login',
}
const VALUE_BYTES =
  'Keys and values are bytes: what the shell gives is sent as it is, what comes back is printed as it is.'

const SHELL_COMMANDS: readonly SubCommand[] = [
  {
    name: 'ping',
    summary: 'ask whether a server answers',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: SHELL_OPTIONS,
    details: ['Prints the version of the server. Made for the health check of a container.'],
    exits: { [ExitCode.OK]: 'it answers', [ExitCode.NO]: 'it does not, or refuses the login' },
    load: async () => (await import('./shell/ping.js')).ping,
  },
  {
    name: 'get',
    summary: 'print the value of a key',
    operands: 'KEY...',
    operandCount: [1, 1000],
    options: SHELL_OPTIONS,
    details: [`The values stand one behind the other, with nothing between or behind them. ${VALUE_BYTES}`],
    exits: { [ExitCode.OK]: 'every key was found', [ExitCode.NO]: 'a key was not found', ...TALKING_EXITS },
    load: async () => (await import('./shell/get.js')).get,
  },
  {
    name: 'set',
    summary: 'store a value',
    operands: 'KEY [VALUE]',
    operandCount: [1, 2],
    options: [
      ...SHELL_OPTIONS,
      FLAGS,
      EXPIRY,
      { name: 'add', help: 'only if the key is not there' },
      { name: 'replace', help: 'only if the key is there' },
      { name: 'append', help: 'put it behind the value that is there' },
      { name: 'prepend', help: 'put it before the value that is there' },
      { name: 'cas', argument: 'N', help: 'only if the item still has this cas' },
    ],
    details: [`Without VALUE, or when it is a dash, the value is read from standard input. ${VALUE_BYTES}`],
    exits: {
      [ExitCode.OK]: 'it is stored',
      [ExitCode.NO]: 'it is not, because of what was there',
      ...TALKING_EXITS,
    },
    load: async () => (await import('./shell/set.js')).set,
  },
  {
    name: 'delete',
    summary: 'remove keys',
    operands: 'KEY...',
    operandCount: [1, 1000],
    options: SHELL_OPTIONS,
    details: [],
    exits: { [ExitCode.OK]: 'all were there', [ExitCode.NO]: 'a key was not there', ...TALKING_EXITS },
    load: async () => (await import('./shell/delete.js')).remove,
  },
  {
    name: 'incr',
    summary: 'add to a counter, and print it',
    operands: 'KEY [DELTA]',
    operandCount: [1, 2],
    options: [
      ...SHELL_OPTIONS,
      { name: 'initial', argument: 'N', help: 'create the counter with this number when it is not there' },
      { ...EXPIRY, help: 'time to live of a counter that is created (default: 0, never)' },
    ],
    details: ['DELTA is 1 when left out; a negative one counts down, and not below 0.'],
    exits: { [ExitCode.OK]: 'it is counted', [ExitCode.NO]: 'the key is not there', ...TALKING_EXITS },
    load: async () => (await import('./shell/incr.js')).incr,
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
    load: async () => (await import('./shell/touch.js')).touch,
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
    load: async () => (await import('./shell/stats.js')).stats,
  },
  {
    name: 'keys',
    summary: 'print the keys of a server',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: [
      ...SERVER_OPTIONS,
      JSON_OUTPUT,
      { name: 'prefix', argument: 'TEXT', help: 'only keys that begin so' },
      { name: 'limit', argument: 'N', help: 'no more than so many' },
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
    load: async () => (await import('./shell/keys.js')).keys,
  },
  {
    name: 'flush',
    summary: 'forget every item of a server',
    operands: '[ADDRESS]',
    operandCount: [0, 1],
    options: [
      ...SHELL_OPTIONS,
      { name: 'delay', argument: 'SECONDS', help: 'do it so much later (default: 0, at once)' },
    ],
    details: [],
    exits: { [ExitCode.OK]: 'it is done', ...TALKING_EXITS },
    load: async () => (await import('./shell/flush.js')).flush,
  },
]

const DECODE: SubCommand = {
  name: 'decode',
  summary: 'print captured bytes as requests and replies',
  operands: '[FILE | -]',
  operandCount: [0, 1],
  completes: 'file',
  options: [
    { name: 'hex', help: 'the input is a hex dump, as xxd, hexdump -C, Wireshark or tcpdump -x print it' },
    { name: 'port', argument: 'N', help: "the server's port in a pcap file (default: 11211)" },
    { name: 'preview', argument: 'N', help: 'how many bytes of a value are shown (default: 48)' },
  ],
  details: [
    'Reads FILE, or standard input, and prints a line for each message: frames of the binary protocol and lines of text and meta, of either direction. Before it stands the offset of its first byte. cas and vbucket are left out where they are 0.',
    'A pcap or pcapng file is known by its first bytes; of its packets those of TCP to and from the port are put together, and each line begins with the seconds since the first packet and both addresses.',
    'What breaks the rules of the protocol is marked with ! and the offset of the byte where it does; behind it the next message is looked for.',
  ],
  exits: {
    [ExitCode.OK]: 'everything was read',
    [ExitCode.NO]: 'something breaks the rules, or bytes are missing',
    [ExitCode.USAGE]: 'the command line is wrong',
    [ExitCode.NO_INPUT]: 'the file cannot be read',
  },
  load: async () => (await import('./decode/decode.js')).decode,
}

const CHECK: SubCommand = {
  name: 'check',
  summary: 'check whether a server keeps the rules of the protocols',
  operands: '[ADDRESS]',
  operandCount: [0, 1],
  options: [
    { name: 'binary', help: 'check the binary protocol' },
    { name: 'text', help: 'check the text protocol' },
    { name: 'meta', help: 'check the meta protocol; without any of the three, all of them' },
    ...SERVER_OPTIONS,
    { name: 'only', argument: 'TEXT', help: 'only checks whose name has this, such as binary.counter' },
    {
      name: 'prefix',
      argument: 'TEXT',
      help: 'what the keys begin with (default: one that is new each time)',
    },
    { name: 'destructive', help: 'also check what flushes, resets statistics and changes verbosity' },
    { name: 'list', help: 'print the checks instead of running them' },
    { name: 'json', help: 'print JSON' },
    { name: 'tap', help: 'print TAP, version 13' },
  ],
  details: [
    'A check sends requests and compares every byte of the replies with those that the rules of memcached ask for. What fails is shown with what was sent, expected and got.',
    'Only keys below a prefix are touched, and removed at the end. Some servers answer otherwise for a reason that is known, such as their age: that is shown as a difference, and is no failure.',
    'With --sasl alone only the binary protocol is checked, since a server that asks for SASL speaks no other.',
  ],
  exits: { [ExitCode.OK]: 'no check failed', [ExitCode.NO]: 'a check failed', ...TALKING_EXITS },
  load: async () => (await import('./check/check.js')).check,
}

const HELP: SubCommand = {
  name: 'help',
  summary: 'explain a command',
  operands: '[NAME]',
  operandCount: [0, 1],
  options: [],
  details: ["The options of the server are explained by 'keepcached -h'."],
  exits: {},
  load: async () => (await import('./help.js')).help,
}

const COMPLETION: SubCommand = {
  name: 'completion',
  summary: 'print a script that completes commands in a shell',
  operands: 'SHELL',
  operandCount: [1, 1],
  completes: ['bash', 'zsh', 'fish'],
  options: [],
  details: [
    'SHELL is bash, zsh or fish. For bash: source <(keepcached completion bash). For zsh: the same, behind compinit. For fish: keepcached completion fish | source.',
  ],
  exits: { [ExitCode.USAGE]: 'there is no script for that shell' },
  load: async () => (await import('./completion.js')).completion,
}

export const SUB_COMMANDS: readonly SubCommand[] = [...SHELL_COMMANDS, DECODE, CHECK, HELP, COMPLETION]

export function findSubCommand(name: string): SubCommand | undefined {
  return SUB_COMMANDS.find((command) => command.name === name)
}
