import { readFileSync } from 'node:fs'
import { expect } from 'chai'

interface Manifest {
  readonly peerDependencies: Readonly<Record<string, string>>
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>
}

const MANIFEST = new URL('../../../package.json', import.meta.url)
const { peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as Manifest

/** npm installs nothing if a program has another version, even of an optional one: the server finds out what it can use. */
describe('an optional peer of the package', () => {
  for (const [name, range] of Object.entries(peerDependencies))
    it(`is no reason for npm to refuse a program with another version of it: ${name}`, () => {
      expect(peerDependenciesMeta[name]?.optional).to.equal(true)
      expect(range).to.match(name === 'koffi' ? /^\*$/ : /^>=[\d.]+$/)
    })
})
