/** What each door of the package loads: a client no server, a server no client. */
import { readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const LIB = fileURLToPath(new URL('../../lib/', import.meta.url))

/** The compiled files that a file loads, itself included; imports of types are gone there. */
function filesFrom(door: string): string[] {
  const found = new Set<string>()
  const visit = (path: string): void => {
    if (found.has(path)) return
    found.add(path)
    const text = readFileSync(path, 'utf8')
    for (const [, specifier] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
      visit(join(dirname(path), specifier!))
    }
  }
  visit(join(LIB, door))
  return [...found].map((path) => relative(LIB, path))
}

const roomsOf = (files: readonly string[]): string[] =>
  [...new Set(files.map((path) => path.split(sep)[0]!))].sort()

describe('the code that is loaded', () => {
  it('by keepcached/client is no code of a server', () => {
    const files = filesFrom('client/index.js')
    expect(files.length).above(50)
    expect(roomsOf(files)).deep.equal(['arena', 'client', 'net', 'protocol', 'request'])
    // Tables and arithmetic, and no memory.
    expect(files.filter((path) => path.startsWith('arena'))).members(['arena/ascii.js', 'arena/decimal.js'])
    expect(files.filter((path) => /decode-request|encode-reply|frame/.test(path))).deep.equal([])
  })

  it('by keepcached/net is that room alone', () => {
    expect(roomsOf(filesFrom('net/index.js'))).deep.equal(['net'])
  })

  it('by keepcached/profiling is that room alone', () => {
    expect(roomsOf(filesFrom('profiling/index.js'))).deep.equal(['profiling'])
  })

  it('by keepcached is no code of a client, and none for tests', () => {
    const files = filesFrom('index.js')
    expect(files.some((path) => path.startsWith('store'))).equal(true)
    expect(files.filter((path) => /^(client|net|check|cli|testing)\//.test(path))).deep.equal([])
  })

  it('by keepcached/testing is no HTTP, and no code of a client', () => {
    const files = filesFrom('testing/index.js')
    expect(files).include('server/connection/connection.js')
    expect(files.filter((path) => /^(client|net|check|cli)\/|http/.test(path))).deep.equal([])
  })
})
