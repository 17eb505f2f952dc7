/** One row per sub-command. Dispatch, help and shell completion are made from this table. A row loads its code when it runs. */

import { SERVER_OPTIONS, TALKING_EXITS } from './arguments/server-options.js'
import type { SubCommand } from './arguments/sub-command.js'
import { COPY } from './copy/copy-command.js'
import { ExitCode } from './exit-codes.js'
import { OPERATOR_COMMANDS } from './operator-commands.js'
import { SHELL_COMMANDS } from './shell/shell-commands.js'

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
    'Reads FILE, or standard input, and prints a line for each message: frames of the binary protocol and lines of text and meta, in both directions. Each line begins with the offset of the message. cas and vbucket are left out if they are 0.',
    'A pcap or pcapng file is detected by its first bytes. The TCP packets to and from the port are reassembled. Each line begins with the seconds since the first packet and both addresses.',
    'A violation of the protocol is marked with ! and the offset of the byte. Then the next message is searched.',
  ],
  exits: {
    [ExitCode.OK]: 'everything was read',
    [ExitCode.NO]: 'a message violates the protocol, or bytes are missing',
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
    { name: 'only', argument: 'TEXT', help: 'only checks with this in their name, such as binary.counter' },
    {
      name: 'prefix',
      argument: 'TEXT',
      help: 'prefix of the keys (default: a new one each time)',
    },
    { name: 'destructive', help: 'also run checks that flush, reset statistics and change verbosity' },
    { name: 'list', help: 'print the checks instead of running them' },
    { name: 'json', help: 'print JSON' },
    { name: 'tap', help: 'print TAP, version 13' },
    ...SERVER_OPTIONS,
  ],
  details: [
    'A check sends requests and compares every byte of the replies with the rules of memcached. A failure is shown with the bytes that were sent, expected and received.',
    'Checks use only keys with a common prefix, and delete them at the end. Some servers differ for a known reason, such as their age: that is shown as a difference, not as a failure.',
    'With --sasl alone only the binary protocol is checked, because a server with SASL accepts no other.',
  ],
  exits: { [ExitCode.OK]: 'no check failed', [ExitCode.NO]: 'a check failed', ...TALKING_EXITS },
  load: async () => (await import('./tools/check.js')).check,
}

const JOURNAL: SubCommand = {
  name: 'journal',
  summary: 'check, print or repair the data directory of a server that does not run',
  operands: 'check|dump|repair DIR',
  operandCount: [2, 2],
  completes: ['check', 'dump', 'repair'],
  options: [],
  details: [
    'check reads every file and prints a summary. dump prints every record.',
    'repair writes the sound part of damaged files to new files, and keeps the damaged ones. Values may then be older than they were.',
  ],
  exits: {
    [ExitCode.OK]: 'no file is damaged, or the damage has been repaired',
    [ExitCode.NO]: 'a file is damaged',
    [ExitCode.USAGE]: 'the command line is wrong',
    [ExitCode.NO_INPUT]: 'the directory cannot be read, or a server uses it',
  },
  load: async () => (await import('./tools/journal.js')).journal,
}

const TEST_SERVER: SubCommand = {
  name: 'test-server',
  summary: 'serve for tests, which move the clock and order faults over HTTP',
  operands: '',
  operandCount: [0, 0],
  options: [
    { name: 'port', argument: 'N', help: 'port to listen on; 0 is any free one (default: 11211)' },
    { name: 'host', argument: 'HOST', help: 'address to listen on (default: 127.0.0.1)' },
    { name: 'print-port', help: 'print the port alone, and with --admin the port of that behind it' },
    {
      name: 'admin',
      argument: 'HOST:PORT',
      help: 'listen here for HTTP, to be controlled; port 0 is any free one',
    },
    {
      name: 'admin-token',
      argument: 'FILE',
      help: 'file with the token that clients of --admin must send',
    },
    { name: 'admin-from-anywhere', help: 'let other machines reach --admin without a token' },
    { name: 'clock', argument: 'KIND', help: 'manual: time moves only when a test moves it (default: real)' },
    { name: 'now', argument: 'DATE', help: 'the time at the start, such as 2030-01-31' },
    { name: 'memory-limit', argument: 'MB', help: 'memory for items (default: 16)' },
    { name: 'seed', argument: 'N', help: 'what faults with a probability are drawn from' },
    { name: 'until-stdin-ends', help: 'end when standard input does, as it does with the parent process' },
  ],
  details: [
    'Prints one line once it listens. Ends with SIGTERM or SIGINT.',
    'Over HTTP: GET and POST /test/clock; GET, POST and DELETE /test/faults; GET and DELETE /test/requests; GET and POST /test/items; POST /test/clear; GET /test/connections; GET /test/statistics; POST /test/restart. Bodies are JSON. --admin has the paths of the admin listener of a server, too: /metrics, /v1/items, the page.',
  ],
  exits: {
    [ExitCode.OK]: 'it was ended',
    [ExitCode.USAGE]: 'the command line is wrong',
    [ExitCode.SYSTEM]: 'the system refuses an address',
  },
  load: async () => (await import('./tools/test-server.js')).testServer,
}

const HELP: SubCommand = {
  name: 'help',
  summary: 'explain a command',
  operands: '[NAME]',
  operandCount: [0, 1],
  options: [],
  details: ["The options of the server are explained by 'keepcached -h'."],
  exits: {},
  load: async () => (await import('./help/help.js')).help,
}

const COMPLETION: SubCommand = {
  name: 'completion',
  summary: 'print a script that completes commands in a shell',
  operands: 'SHELL',
  operandCount: [1, 1],
  completes: ['bash', 'zsh', 'fish'],
  options: [],
  details: [
    'SHELL is bash, zsh or fish. For bash: source <(keepcached completion bash). For zsh: the same, after compinit. For fish: keepcached completion fish | source.',
  ],
  exits: { [ExitCode.USAGE]: 'there is no script for that shell' },
  load: async () => (await import('./help/completion.js')).completion,
}

export const SUB_COMMANDS: readonly SubCommand[] = [
  ...SHELL_COMMANDS,
  DECODE,
  CHECK,
  ...OPERATOR_COMMANDS,
  COPY,
  JOURNAL,
  TEST_SERVER,
  HELP,
  COMPLETION,
]

export function findSubCommand(name: string): SubCommand | undefined {
  return SUB_COMMANDS.find((command) => command.name === name)
}
