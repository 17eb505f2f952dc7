/**
 * Which specs concern a folder of lib, as patterns below dist/spec. They run stage by stage, the quick ones first: a mutant
 * that the specs of one stage catch does not reach the next.
 */
export type Stages = readonly (readonly string[])[]

const STAGES: Record<string, Stages> = {
  store: [
    [...named('store', 'access clock expiry item items lanes limit mutex pins staging totals')],
    [...named('store', 'cleaning reaper eviction onlooker')],
    [...named('store', 'model rw-lock workers capacity')],
    ['journal/*.spec.js', ...named('behaviour', 'append expiry flush touch'), 'server/memory*.spec.js'],
  ],
  journal: [
    ['journal/*.spec.js'],
    [...named('crash', 'power damage faults')],
    [
      ...named('server', 'waiting-for-journal kept-items data data-threads'),
      'fuzz/kept-connections.spec.js',
      'crash/kill.spec.js',
    ],
  ],
  server: [
    [
      ...named(
        'server',
        'backlog group-commit lingering datagram-bounds options parse-options settings listing auth long-lines',
      ),
      ...named('server', 'text-logins vanishing-client buffer-limit replacing watchers refused-changes'),
      'server/options/**/*.spec.js',
    ],
    [
      'fuzz/*.spec.js',
      ...named('server', 'datagrams closing slow-reader lines tls many-connections starting watch'),
      ...named('server', 'memory* idle-timeout waiting-for-journal'),
    ],
    [
      'server/*.spec.js',
      'behaviour/large.spec.js',
      'protocol/binary/sasl.spec.js',
      ...named('cli', 'serve main'),
    ],
  ],
  commands: [
    ['protocol/text/*.spec.js', 'protocol/meta/*.spec.js'],
    ['behaviour/*.spec.js', 'watch/*.spec.js'],
    ['differential/*.spec.js', ...named('server', 'watch listing memory')],
  ],
  protocol: [['protocol/**/*.spec.js'], ['fuzz/*.spec.js', 'behaviour/*.spec.js'], ['cli/decode/*.spec.js']],
  cli: [['cli/**/*.spec.js']],
}

function named(folder: string, names: string): string[] {
  return names.split(' ').map((name) => `${folder}/${name}.spec.js`)
}

/** `folder` is the first below lib; one without a row has the specs of its own name, then what the wire says. */
export function stagesOf(folder: string): Stages {
  return STAGES[folder] ?? [[`${folder}/**/*.spec.js`], ['behaviour/*.spec.js']]
}
