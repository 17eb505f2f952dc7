/** The specs that concern a file of lib. A mutant survives if none of them fails. */
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** One spec file, or a program of the specs. */
export interface Check {
  readonly name: string
  /** Below dist. */
  readonly path: string
  /** Of a program. Undefined: a spec file. */
  readonly words?: readonly string[]
}

const SPECS = fileURLToPath(new URL('../../spec', import.meta.url))
const ENDING = '.spec.js'
/**
 * A few simulated servers from fixed seeds: those with the most events in the least time. simulation.spec.ts, which runs other
 * seeds, cannot be a check: it looks for defects in the text of compiled files, and switches change that.
 */
const SIMULATION: Check = {
  name: 'simulation',
  path: 'spec/simulation/main.js',
  words: '--first 5 --seeds 10 --operations 1500 --processes 1 --bail'.split(' '),
}

const JOURNAL: readonly Check[] = [
  ...named(
    'journal',
    'format directory statistics repair age-limit waiters linked-value journal-file open-files writer recovery clock-set-back recovery-room refused-directory workers finished samples files lost-directory prefix-flushes damage-offset left-out snapshot snapshot-schedule',
  ),
  SIMULATION,
]

/** A disk that is small, or full. */
const SPACE = named('journal', 'room space full-disk')

/** Specs of whole servers. */
const SERVER: readonly Check[] = [
  ...named(
    'server',
    'connection held-replies connections arriving-value long-lines defects look-ahead watching backlog group-commit turns datagram-bounds deferred-values lingering forwarding',
  ),
  ...named('store', 'keys-ahead'),
  ...named('fuzz', 'kept-connections lines connections'),
  ...named('server', 'buffer-limit slow-reader watchers replacing closing lines'),
  ...named(
    'server',
    'waiting-for-journal vanishing-client refused-changes idle-timeout watch datagrams memory parked-request woken-requests local-requests windows prefix-room item-memories flush-prefix meta-wait watch-changes',
  ),
]

/** The first matching row counts. */
const ROWS: readonly (readonly [file: RegExp, checks: readonly Check[]])[] = [
  [
    /^store\//,
    [
      ...all('store'),
      SIMULATION,
      ...named('journal', 'recovery snapshot'),
      ...named('behaviour', 'append expiry flush touch'),
      ...named('server', 'memory memory-limit listing flush-prefix'),
      ...named('protocol/meta', 'flags'),
      ...named('admin', 'listing'),
      ...all('feed'),
    ],
  ],
  [
    files('journal', 'directory-lock socket-lock pid-file lock-names processes disk-sockets'),
    named('journal', 'processes files open-files directory-lock lost-directory two-servers'),
  ],
  [files('journal', 'files'), [...named('journal', 'files open-files samples'), ...named('server', 'data')]],
  [
    files('journal', 'system-error'),
    [...named('admin', 'options'), ...named('cli', 'journal'), ...named('server', 'data')],
  ],
  [
    files('journal', 'check dump repair'),
    [...named('journal', 'dump repair finished workers'), ...named('cli', 'journal')],
  ],
  [
    files('journal', 'growth allowance space spare way-out bounds granted-room'),
    [...named('journal', 'spare allowance open-files finished recovery'), SIMULATION, ...SPACE],
  ],
  [
    files(
      'journal',
      'keeper keeper-figures snapshot-schedule kept-directory directory snapshot snapshot-reader begun-journal board',
    ),
    [...JOURNAL, ...named('crash', 'faults'), ...SPACE],
  ],
  [
    files('journal', 'remote-journal statistics memory-file kept-journal'),
    [
      ...named('journal', 'statistics memory-file workers finished left-out'),
      ...named('server', 'kept-items'),
    ],
  ],
  [
    files('journal', 'writer write-job waiters journal journal-file linked-value frame-buffer'),
    [...JOURNAL, ...named('crash', 'power'), ...SPACE],
  ],
  [/^journal\//, [...JOURNAL, ...named('crash', 'power damage')]],
  [/^server\/(connection|datagrams)\/|^server\/([a-z-]+\/)*connections$/, SERVER],
  [
    files('request', 'limits'),
    [
      ...SERVER,
      ...named('behaviour', 'expiry'),
      ...named('gateway', 'room'),
      ...named('feed', 'forms'),
      ...named('protocol/client', 'malformed'),
      ...named('admin', 'items listener'),
    ],
  ],
  [/^server\//, [...all('server'), ...SERVER, ...all('protocol/binary/sasl'), ...named('cli', 'serve main')]],
  [/^feed\//, [...all('feed'), ...named('server', 'meta-wait watch-changes program-changes feed-replica')]],
  [/^options\//, [...all('options'), ...named('cli', 'main serve')]],
  [
    /^commands\//,
    [
      ...['protocol/text', 'protocol/meta', 'commands', 'behaviour', 'differential'].flatMap(all),
      ...named('server', 'watch listing memory deferred-values'),
    ],
  ],
  [/^protocol\//, ['protocol', 'fuzz', 'behaviour', 'cli/decode'].flatMap(all)],
  [/^cli\//, all('cli')],
]

/**
 * `file` is below lib. One without a row has the specs of its folder's name, then those of the wire. They are tried in two stages:
 * those of the folder's name first, and the others only for a mutant that these do not catch.
 */
export function stagesOf(file: string): readonly (readonly Check[])[] {
  const [folder] = file.split('/')
  const row = ROWS.find(([pattern]) => pattern.test(file))
  const checks = row?.[1] ?? [...all(folder!), ...all('behaviour')]
  const unique = [...new Map(checks.map((check) => [check.name, check])).values()]
  const isNear = ({ name }: Check): boolean => name.startsWith(`${folder}/`)
  return [unique.filter(isNear), unique.filter((check) => !isNear(check))]
}

function files(folder: string, names: string): RegExp {
  return new RegExp(`^${folder}/([a-z-]+/)*(${names.replaceAll(' ', '|')})$`)
}

function named(folder: string, names: string): Check[] {
  return names.split(' ').map((name) => specCheck(`${folder}/${name}`))
}

/** The specs of a folder and of the folders in it. */
function all(folder: string): Check[] {
  return readdirSync(SPECS, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.startsWith(`${folder}/`) && path.endsWith(ENDING))
    .sort()
    .map((path) => specCheck(path.slice(0, -ENDING.length)))
}

function specCheck(name: string): Check {
  return { name, path: `spec/${name}${ENDING}` }
}
