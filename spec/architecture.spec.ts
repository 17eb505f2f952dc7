import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

/** Which folder of lib may import which others. A folder may always import from itself. */
const MAY_IMPORT: Rules = {
  arena: [],
  request: [],
  net: [],
  profiling: [],
  metrics: ['arena', 'request'],
  protocol: ['arena', 'request', 'net'],
  store: ['arena', 'metrics'],
  journal: ['arena', 'metrics', 'store'],
  feed: ['arena', 'request', 'store'],
  watch: ['arena', 'request', 'metrics', 'store', 'feed'],
  commands: ['arena', 'request', 'metrics', 'store', 'watch', 'feed'],
  gateway: ['arena', 'request', 'metrics', 'feed', 'watch', 'commands'],
  options: ['request', 'protocol', 'journal'],
  client: ['net', 'protocol', 'request'],
  server: [
    'arena',
    'request',
    'metrics',
    'protocol',
    'store',
    'feed',
    'watch',
    'journal',
    'commands',
    'options',
    'profiling',
    'gateway',
  ],
  testing: ['arena', 'request', 'metrics', 'protocol', 'store', 'options', 'server', 'admin'],
  admin: ['request', 'metrics', 'store', 'feed', 'server', 'profiling'],
  check: ['protocol'],
  cli: ['server', 'options', 'request', 'protocol', 'net', 'client', 'journal', 'testing', 'admin', 'check'],
}

/** The same inside some folders: the files at the top of a folder put its rooms together, or hold what all of them need. */
const ROOMS_MAY_IMPORT: Record<string, Rules> = {
  server: {
    '': ['auth', 'connection', 'datagrams', 'listening', 'tls', 'wires', 'workers'],
    auth: [],
    connection: ['tls', 'wires'],
    datagrams: ['connection', 'listening'],
    listening: ['wires'],
    tls: [],
    wires: [],
    workers: ['auth', 'connection', 'datagrams', 'listening', 'tls', 'wires'],
  },
  'server/workers': {
    '': [],
    threads: [''],
  },
  'server/connection': {
    '': ['input', 'output', 'waiting'],
    input: [''],
    output: [''],
    waiting: [''],
  },
  journal: {
    '': ['directory', 'disk', 'format', 'recovery', 'snapshot', 'space', 'writing'],
    directory: ['disk', 'format'],
    disk: [],
    format: [],
    recovery: ['directory', 'disk', 'format', 'writing'],
    snapshot: ['disk', 'format', 'recovery', 'writing'],
    space: ['disk', 'format', 'recovery', 'writing'],
    tools: ['disk', 'format', 'recovery', 'writing'],
    writing: ['disk', 'format'],
  },
  commands: {
    '': ['all-items', 'context', 'items', 'stats'],
    'all-items': ['context'],
    context: [],
    items: ['context'],
    stats: ['context'],
  },
  client: {
    '': [
      'breaker',
      'calls',
      'changes',
      'cluster',
      'commands',
      'connection',
      'deadlines',
      'get-or-set',
      'keys',
      'locks',
      'observe',
      'pool',
      'servers',
      'values',
    ],
    breaker: [''],
    calls: ['', 'values'],
    changes: ['', 'calls', 'commands', 'connection', 'keys', 'values'],
    cluster: ['', 'breaker', 'calls', 'commands', 'connection', 'deadlines', 'pool', 'servers'],
    commands: ['', 'calls', 'keys', 'values'],
    connection: ['', 'calls'],
    deadlines: ['calls'],
    'get-or-set': ['', 'calls', 'commands', 'values'],
    keys: [''],
    locks: ['', 'commands'],
    observe: ['breaker', 'cluster', 'pool'],
    pool: ['', 'calls', 'connection'],
    servers: [''],
    values: [''],
  },
  net: {
    '': ['codecs', 'connection'],
    codecs: [''],
    connection: ['', 'codecs'],
  },
  feed: {
    '': ['forms', 'history', 'subscriptions'],
    forms: ['', 'history'],
    history: [],
    subscriptions: ['', 'forms', 'history'],
  },
  metrics: {
    '': ['hot-keys', 'latency'],
    'hot-keys': [],
    latency: [],
  },
  store: {
    '': ['cleaning', 'expiry', 'index', 'item', 'listeners', 'lock', 'segments', 'staging', 'time'],
    cleaning: ['', 'expiry', 'index', 'item', 'listeners', 'lock', 'segments', 'staging'],
    expiry: ['', 'item', 'listeners', 'lock', 'segments', 'time'],
    index: ['item', 'lock', 'segments'],
    item: [],
    listeners: ['index', 'segments'],
    lock: [],
    segments: ['item', 'lock'],
    staging: ['', 'item', 'segments', 'time'],
    time: [],
  },
  protocol: {
    '': ['binary', 'client', 'meta', 'text'],
    binary: ['', 'client'],
    client: [''],
    meta: ['', 'client', 'text'],
    text: ['', 'client', 'meta'],
  },
  cli: {
    '': ['arguments', 'bench', 'copy', 'decode', 'help', 'server', 'shell', 'tools', 'top'],
    arguments: [''],
    bench: ['', 'arguments', 'shell'],
    copy: ['', 'arguments', 'bench', 'shell'],
    decode: ['', 'arguments'],
    help: ['', 'arguments'],
    server: [''],
    shell: ['', 'arguments'],
    tools: ['', 'arguments', 'shell'],
    top: ['', 'arguments', 'shell'],
  },
  'cli/shell': { '': ['cache'], cache: [] },
  'commands/items': { '': ['writing'], writing: [''] },
  'client/servers': { '': ['distributions'], distributions: [''] },
  'protocol/binary': { '': [], client: [''], frames: [''] },
  'protocol/meta': { '': [], client: [] },
  'protocol/text': { '': [], client: [''] },
  admin: {
    '': ['changes', 'debug', 'history', 'http', 'insight', 'items', 'metrics'],
    debug: ['', 'http'],
    changes: ['', 'http', 'items'],
    history: ['', 'http'],
    http: [''],
    insight: ['', 'http', 'items'],
    items: ['', 'http'],
    metrics: ['', 'http'],
  },
  check: {
    '': ['binary', 'meta', 'run', 'text'],
    binary: ['', 'run'],
    client: ['wire'],
    meta: [''],
    report: ['', 'run'],
    run: ['', 'client', 'wire'],
    text: [''],
    wire: [],
  },
  testing: {
    '': ['connections', 'control', 'faults', 'serving', 'time'],
    connections: ['faults', 'time'],
    control: ['', 'connections', 'faults', 'serving', 'time'],
    faults: [],
    serving: ['connections', 'faults', 'time'],
    time: [],
  },
  gateway: {
    '': ['engines', 'items', 'keys', 'scripts'],
    shadow: ['engines', 'items', 'keys'],
    engines: ['scripts'],
    items: ['', 'scripts'],
    keys: ['', 'engines', 'items', 'scripts'],
    scripts: ['items'],
  },
  options: {
    '': ['kinds', 'table'],
    kinds: [],
    sources: ['', 'kinds', 'table'],
    table: ['kinds'],
  },
}

type Rules = Readonly<Record<string, readonly string[]>>

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const LIB = join(ROOT, 'lib')

interface Source {
  readonly path: string
  readonly folder: string
  readonly text: string
}

const sources: Source[] = readdirSync(LIB, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
  .map((entry) => {
    const path = relative(LIB, join(entry.parentPath, entry.name))
    return {
      path,
      folder: path.includes(sep) ? path.split(sep)[0]! : '',
      text: readFileSync(join(LIB, path), 'utf8'),
    }
  })

/** The files of lib that a file imports, as paths below lib. */
function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => match[1]!)
  return specifiers.map((specifier) => join(dirname(path), specifier).replace(/\.js$/, '.ts'))
}

const LIB_DEPTH = 0

interface Import {
  readonly from: string
  readonly to: string
  /** The folders of the importing and of the imported file. */
  readonly room: string
  readonly otherRoom: string
}

/** What files import from other rooms. Rooms are the folders at this depth below lib. */
const importsWithin = (depth: number) => (source: Source) => {
  const room = roomOf(source.path, depth)
  return importsOf(source).map(
    (to): Import => ({ from: source.path, to, room, otherRoom: roomOf(to, depth) }),
  )
}

const roomOf = (path: string, depth: number): string => path.split(sep).slice(depth, -1)[0] ?? ''

const wrongOf = (imports: readonly Import[], rules: Rules): string[] =>
  imports
    .filter(({ room, otherRoom }) => room !== otherRoom && !rules[room]?.includes(otherRoom))
    .map(({ from, to }) => `${from} imports ${to}`)

describe('the rooms of lib', () => {
  it('lists every folder in the table of allowed imports', () => {
    const folders = new Set(sources.map(({ folder }) => folder).filter((folder) => folder !== ''))
    expect([...folders].sort()).deep.equal(Object.keys(MAY_IMPORT).sort())
  })

  it('has imports in one direction only', () => {
    // Guards against finding no imports at all, of which none would be wrong.
    expect(sources.flatMap(importsOf).length).above(sources.length)
    const imports = sources.filter(({ folder }) => folder !== '').flatMap(importsWithin(LIB_DEPTH))
    expect(wrongOf(imports, MAY_IMPORT)).deep.equal([])
  })

  for (const [folder, rules] of Object.entries(ROOMS_MAY_IMPORT))
    it(`has imports in one direction only between the rooms of ${folder}`, () => {
      const depth = folder.split('/').length
      const isInside = (path: string): boolean => path.startsWith(join(folder, sep))
      const inside = sources.filter(({ path }) => isInside(path))
      const imports = inside.flatMap(importsWithin(depth)).filter(({ to }) => isInside(to))
      const rooms = inside.map(({ path }) => roomOf(path, depth))
      expect(new Set(rooms)).deep.equal(new Set(Object.keys(rules)))
      expect(wrongOf(imports, rules)).deep.equal([])
    })

  it('have the table of allowed imports in their README', () => {
    const readme = readFileSync(join(LIB, 'README.md'), 'utf8')
    const [, table] = /\| folder +\| may import +\|\n\|[-| ]+\|\n((?:\|.*\n)+)/.exec(readme)!
    const rows = [...table!.matchAll(/^\| ([^|]+?) +\| ([^|]+?) +\|$/gm)]
    const told = rows.flatMap(([, folders, others]) =>
      folders!
        .split(', ')
        .map((folder) => [folder, others === 'nothing' ? [] : others!.split(', ')] as const),
    )
    expect(Object.fromEntries(told)).deep.equal(MAY_IMPORT)
  })

  it('have no circle of imports, not even of types', () => {
    const edges = new Map(sources.map((source) => [source.path, importsOf(source)]))
    const done = new Set<string>()
    const visit = (path: string, way: readonly string[]): void => {
      if (way.includes(path)) throw new Error([...way.slice(way.indexOf(path)), path].join(' → '))
      if (done.has(path)) return
      for (const next of edges.get(path) ?? []) visit(next, [...way, path])
      done.add(path)
    }
    for (const path of edges.keys()) visit(path, [])
  })

  it('have a README each', () => {
    for (const folder of new Set(sources.map((source) => source.folder))) {
      expect(readdirSync(join(LIB, folder)), folder).to.include('README.md')
    }
  })
})
