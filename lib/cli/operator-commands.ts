/** The rows of the commands that look into running servers. */
import { ExitCode } from './exit-codes.js'
import { TALKING_EXITS } from './server-options.js'
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

export const OPERATOR_COMMANDS: readonly SubCommand[] = [PROFILE]
