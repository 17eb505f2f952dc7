/**
 * The specs that concern a file of lib. They run stage by stage, the fast ones first: a mutant that the specs of one stage
 * catch does not reach the next.
 */
export type Stage =
  /** Patterns below dist/spec. */
  | { readonly specs: readonly string[] }
  /** A program below dist/spec, and its arguments. */
  | { readonly program: string; readonly words: readonly string[] }

export type Stages = readonly Stage[]

/** A few simulated servers from fixed seeds: those with the most events in the least time. */
const SIMULATION: Stage = {
  program: 'simulation/main.js',
  words: '--first 5 --seeds 10 --operations 1500 --processes 1 --bail'.split(' '),
}

/** A disk that is small, or full: it waits for ticks. */
const SPACE = specs('journal', 'space full-disk')

const JOURNAL: Stages = [
  specs(
    'journal',
    'format directory statistics repair age-limit waiters linked-value journal-file open-files writer recovery recovery-room refused-directory workers finished samples files lost-directory prefix-flushes',
  ),
  SIMULATION,
]

/** Specs of whole servers. */
const SERVER: Stages = [
  specs(
    'server',
    'connection connections arriving-value long-lines defects look-ahead watching backlog group-commit turns datagram-bounds deferred-values lingering',
  ),
  specs('fuzz', 'kept-connections lines connections'),
  specs('server', 'buffer-limit slow-reader watchers replacing closing lines'),
  specs('server', 'waiting-for-journal vanishing-client refused-changes idle-timeout watch datagrams memory'),
]

/** The first matching row counts: the specs nearest to a file run first. */
const ROWS: readonly (readonly [file: RegExp, stages: Stages])[] = [
  [
    files('store', 'clock lanes totals mutex access staging rw-lock'),
    [specs('store', 'clock lanes totals mutex access staging'), ...store()],
  ],
  [/^store\//, store()],
  [
    files('journal', 'directory-lock socket-lock pid-file lock-names processes disk-sockets'),
    [specs('journal', 'processes open-files directory-lock lost-directory'), specs('journal', 'two-servers')],
  ],
  [
    files('journal', 'check dump repair'),
    [specs('journal', 'dump repair finished workers'), specs('cli', 'journal')],
  ],
  [
    files('journal', 'growth allowance space spare way-out'),
    [specs('journal', 'spare allowance open-files finished recovery'), SIMULATION, SPACE],
  ],
  [
    files(
      'journal',
      'keeper keeper-figures snapshot-schedule kept-directory directory snapshot snapshot-reader begun-journal board files',
    ),
    [...JOURNAL, specs('journal', 'snapshot'), specs('crash', 'faults'), SPACE],
  ],
  [
    files('journal', 'remote-journal statistics memory-file kept-journal'),
    [
      specs('journal', 'statistics memory-file workers finished'),
      specs('server', 'kept-items'),
      specs('journal', 'left-out'),
    ],
  ],
  [
    files('journal', 'writer write-job waiters journal journal-file linked-value frame-buffer'),
    [...JOURNAL, specs('crash', 'power'), SPACE],
  ],
  [/^journal\//, [...JOURNAL, specs('crash', 'power damage'), specs('journal', 'left-out')]],
  [
    files(
      'server',
      'connection connections inbox outbox turns backlog reply-group group-commit connection-closer arriving-line arriving-value long-value parked-request parking watching watched-text-protocol look-ahead datagrams datagram-socket',
    ),
    SERVER,
  ],
  [files('request', 'limits'), [...SERVER, specs('behaviour', 'expiry')]],
  [
    /^server\//,
    [
      specs('server', 'windows listing auth text-logins'),
      ...SERVER,
      { specs: ['server/*.spec.js', 'protocol/binary/sasl.spec.js', ...named('cli', 'serve main')] },
    ],
  ],
  [
    /^feed\//,
    [{ specs: ['feed/*.spec.js'] }, specs('server', 'meta-wait watch-changes program-changes feed-replica')],
  ],
  [/^options\//, [{ specs: ['options/*.spec.js'] }, { specs: ['cli/main.spec.js', 'cli/serve.spec.js'] }]],
  [
    /^commands\//,
    [
      { specs: ['protocol/text/*.spec.js', 'protocol/meta/*.spec.js', 'commands/*.spec.js'] },
      { specs: ['behaviour/*.spec.js'] },
      { specs: ['differential/*.spec.js', ...named('server', 'watch listing memory deferred-values')] },
    ],
  ],
  [
    /^protocol\//,
    [
      { specs: ['protocol/**/*.spec.js'] },
      { specs: ['fuzz/*.spec.js', 'behaviour/*.spec.js'] },
      { specs: ['cli/decode/*.spec.js'] },
    ],
  ],
  [/^cli\//, [{ specs: ['cli/**/*.spec.js'] }]],
]

function store(): Stages {
  return [
    specs(
      'store',
      'index version shared-count segment-pool expiry item items limit pins region room sound restoring staging totals cleaning onlooker reaper eviction prefix-flushes',
    ),
    SIMULATION,
    specs('store', 'model rw-lock'),
    specs('journal', 'recovery snapshot'),
    {
      specs: [
        ...named('store', 'workers capacity'),
        ...named('behaviour', 'append expiry flush touch'),
        'server/memory*.spec.js',
      ],
    },
  ]
}

function files(folder: string, names: string): RegExp {
  return new RegExp(`^${folder}/([a-z-]+/)*(${names.replaceAll(' ', '|')})$`)
}

function specs(folder: string, names: string): Stage {
  return { specs: named(folder, names) }
}

function named(folder: string, names: string): string[] {
  return names.split(' ').map((name) => `${folder}/${name}.spec.js`)
}

/** `file` is below lib. One without a row has the specs of its folder's name, then those of the wire. */
export function stagesOf(file: string): Stages {
  const row = ROWS.find(([pattern]) => pattern.test(file))
  return row?.[1] ?? [{ specs: [`${file.split('/')[0]}/**/*.spec.js`] }, { specs: ['behaviour/*.spec.js'] }]
}

/** As a line of the output. */
export function describe(stage: Stage): string {
  return 'program' in stage ? [stage.program, ...stage.words].join(' ') : stage.specs.join(' ')
}
