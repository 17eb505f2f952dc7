/** The rows of the commands that look into running servers. */
import { ExitCode } from './exit-codes.js'
import { CONNECTION_OPTIONS, TALKING_EXITS } from './server-options.js'
import type { SubCommand } from './sub-command.js'

const PROFILE: SubCommand = {
  name: 'profile',
  summary: 'take a CPU profile or a heap snapshot of a running server or program',
  operands: 'HOST:PORT',
  operandCount: [1, 1],
  options: [
    { name: 'heap', help: 'a heap snapshot instead of a CPU profile; the worker stops until it is taken' },
    { name: 'seconds', argument: 'N', help: 'length of a CPU profile, 1 to 300 (default: 10)' },
    { name: 'worker', argument: 'N', help: 'the worker of a server, from 0 (default: 0)' },
    { name: 'token-file', argument: 'FILE', help: 'file with the token of the server', completes: 'file' },
  ],
  details: [
    "The address is that of a server's --admin, which needs --admin-token for it, or that of a program that calls serveProfiles of keepcached/profiling.",
    'Writes to standard output. Chrome, VS Code and speedscope read these files if their names end with .cpuprofile or .heapsnapshot. A heap snapshot may have secrets in it.',
  ],
  exits: {
    [ExitCode.OK]: 'the profile is complete',
    [ExitCode.NO_INPUT]: 'the file cannot be read',
    ...TALKING_EXITS,
  },
  load: async () => (await import('./profile.js')).profile,
}

const TOP: SubCommand = {
  name: 'top',
  summary: 'show what servers do at the moment',
  operands: '[ADDRESS...]',
  operandCount: [0, 64],
  options: [
    { name: 'interval', argument: 'MS', help: 'time between two looks (default: 1000)' },
    { name: 'count', argument: 'N', help: 'end after so many looks (default: only by q or a signal)' },
    { name: 'json', help: 'print an object for each server and look' },
    { name: 'binary', help: 'use the binary protocol; the default with --sasl' },
    ...CONNECTION_OPTIONS,
  ],
  details: [
    'Shows rates, hit ratio, memory and connections of any memcached, side by side; and the keys that are read most, if the server has stats hotkeys. Rates are those since the last look. A server that does not answer is shown as such, and asked again.',
    'On a terminal, q and ctrl-C end it. Otherwise it prints a line for each server and look.',
  ],
  exits: { [ExitCode.OK]: 'it was ended', [ExitCode.USAGE]: 'the command line is wrong' },
  load: async () => (await import('./top/top.js')).top,
}

export const OPERATOR_COMMANDS: readonly SubCommand[] = [PROFILE, TOP]
