/** The rows of the commands that look into running servers. */

import { CONNECTION_OPTIONS, SERVER_OPTIONS, TALKING_EXITS } from './arguments/server-options.js'
import type { SubCommand } from './arguments/sub-command.js'
import { ExitCode } from './exit-codes.js'

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
  load: async () => (await import('./tools/profile.js')).profile,
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

const BENCH: SubCommand = {
  name: 'bench',
  summary: 'load one server, or compare two, and print rates and latencies',
  operands: '[ADDRESS [ADDRESS]]',
  operandCount: [0, 2],
  options: [
    { name: 'connections', argument: 'N', help: 'connections to each server (default: 50)' },
    { name: 'in-flight', argument: 'N', help: 'requests that a connection has under way (default: 1)' },
    { name: 'gets', argument: 'PERCENT', help: 'share of gets; the others are sets (default: 90)' },
    { name: 'size', argument: 'BYTES', help: 'length of values, or MIN-MAX (default: 100)' },
    { name: 'ttl', argument: 'SECONDS', help: 'time to live; 0: never expires (default: 3600)' },
    { name: 'keys', argument: 'N', help: 'how many keys there are (default: 10000)' },
    {
      name: 'zipf',
      argument: 'EXPONENT',
      help: 'some keys are requested more often: 0.99, for example (default: all keys alike)',
    },
    { name: 'prefix', argument: 'TEXT', help: 'prefix of the keys (default: bench:)' },
    { name: 'seconds', argument: 'N', help: 'length of the measurement for each server (default: 10)' },
    { name: 'count', argument: 'N', help: 'requests to each server, instead of --seconds' },
    {
      name: 'rate',
      argument: 'N',
      help: 'start so many requests a second (default: each when the last one is answered)',
    },
    { name: 'warm-up', argument: 'SECONDS', help: 'load before the measurement (default: 1)' },
    { name: 'no-fill', help: 'do not store all keys first' },
    { name: 'rounds', argument: 'N', help: 'pairs of runs, with two servers (default: 5)' },
    { name: 'seed', argument: 'N', help: 'what keys and values are drawn from (default: 1)' },
    { name: 'protocol', argument: 'NAME', help: 'text, meta or binary (default: text; with --sasl: binary)' },
    { name: 'json', help: 'print JSON' },
    ...SERVER_OPTIONS,
  ],
  details: [
    'Stores keys with the prefix; they stay until their time to live is over, and other items may be evicted for them.',
    'With --rate, the latency of a request counts from the moment it was due, also if it had to wait for a connection.',
    'Two servers are loaded in turn, in rounds; each round is a pair, and the ratios are those of pairs. It uses one core: a server that is faster than it is not measured.',
  ],
  exits: {
    [ExitCode.OK]: 'every request was answered',
    [ExitCode.NO]: 'there were errors, or requests were never sent',
    ...TALKING_EXITS,
  },
  load: async () => (await import('./bench/bench.js')).bench,
}

export const OPERATOR_COMMANDS: readonly SubCommand[] = [PROFILE, TOP, BENCH]
