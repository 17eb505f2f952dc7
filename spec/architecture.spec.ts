import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

/** Who may import whom, by folders of lib. A folder may always import from itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  arena: [],
  request: [],
  metrics: ['arena'],
  protocol: ['arena', 'request'],
  store: ['arena', 'metrics'],
  watch: ['arena', 'metrics', 'store'],
  journal: ['arena', 'metrics', 'store'],
  commands: ['arena', 'request', 'metrics', 'store', 'watch', 'journal'],
  client: ['arena', 'request', 'metrics', 'protocol'],
  gateway: ['request', 'metrics', 'client'],
  server: ['arena', 'request', 'metrics', 'protocol', 'store', 'watch', 'journal', 'commands', 'gateway'],
  admin: ['metrics', 'server'],
  cli: ['client', 'server', 'admin', 'protocol', 'journal'],
}

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

describe('the house', () => {
  it('has rooms that are all in the table of who may import whom', () => {
    const rooms = [...new Set(sources.map(({ folder }) => folder))].filter((folder) => folder !== '')
    expect(rooms.filter((room) => !Object.hasOwn(MAY_IMPORT, room))).deep.equal([])
    expect(rooms).include.members(['arena', 'store', 'server', 'cli'])
  })

  it('imports one way', () => {
    // Where no imports are found, none can be wrong.
    expect(sources.flatMap(importsOf).length).above(sources.length)
    const wrong = sources.flatMap((source) =>
      importsOf(source)
        .map((path) => ({ from: source.path, to: path, room: path.split(sep)[0]! }))
        .filter(({ room }) => source.folder !== '' && room !== source.folder)
        .filter(({ room }) => !MAY_IMPORT[source.folder]!.includes(room))
        .map(({ from, to }) => `${from} imports ${to}`),
    )
    expect(wrong).deep.equal([])
  })

  it('has no circle of imports, of types neither', () => {
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

  it('has a README in every room', () => {
    for (const folder of new Set(sources.map((source) => source.folder))) {
      expect(readdirSync(join(LIB, folder)), folder).to.include('README.md')
    }
  })
})
