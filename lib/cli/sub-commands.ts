/** One row per sub-command. Dispatch, help and shell completion are made of this table; a row loads its code when it runs. */
import { ExitCode } from './exit-codes.js'
import { SERVER_OPTIONS, TALKING_EXITS } from './server-options.js'
import { SHELL_COMMANDS } from './shell/shell-commands.js'
import type { SubCommand } from './sub-command.js'

const DECODE: SubCommand = {
  name: 'decode',
  summary: 'print captured bytes as requests and replies',
  operands: '[FILE | -]',
  operandCount: [0, 1],
  completes: 'file',
  options: [
    { name: 'hex', help: 'the input is a hex dump, as xxd, hexdump -C or Wireshark print it' },
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
    ...SERVER_OPTIONS,
  ],
  details: [
    'A check sends requests and compares every byte of the replies with those that the rules of memcached ask for. What fails is shown with what was sent, expected and got.',
    'Only keys below a prefix are touched, and removed at the end. Some servers answer otherwise for a reason that is known, such as their age: that is shown as a difference, and is no failure.',
    'With --sasl alone only the binary protocol is checked, since a server that asks for SASL speaks no other.',
  ],
  exits: { [ExitCode.OK]: 'no check failed', [ExitCode.NO]: 'a check failed', ...TALKING_EXITS },
  load: async () => (await import('./check.js')).check,
}

const JOURNAL: SubCommand = {
  name: 'journal',
  summary: 'look after the data directory of a server that does not run',
  operands: 'check|dump|repair DIR',
  operandCount: [2, 2],
  completes: ['check', 'dump', 'repair'],
  options: [],
  details: [
    'check reads every file and tells what is there. dump prints every record.',
    'repair writes damaged files anew with what of them is sound, and keeps the damaged ones; what comes back then may be older than what was there.',
  ],
  exits: {
    [ExitCode.OK]: 'nothing is damaged, or what was has been repaired',
    [ExitCode.NO]: 'a file is damaged',
    [ExitCode.USAGE]: 'the command line is wrong',
    [ExitCode.NO_INPUT]: 'the directory cannot be read, or a server uses it',
  },
  load: async () => (await import('./journal.js')).journal,
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

export const SUB_COMMANDS: readonly SubCommand[] = [
  ...SHELL_COMMANDS,
  DECODE,
  CHECK,
  JOURNAL,
  HELP,
  COMPLETION,
]

export function findSubCommand(name: string): SubCommand | undefined {
  return SUB_COMMANDS.find((command) => command.name === name)
}
