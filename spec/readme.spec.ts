/** The READMEs are true: examples run, tables are those of the code, links are valid. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { unknownVariables } from '../lib/options/sources/environment.js'
import { KNOWN_DIFFERENCES } from './differential/known-differences.js'
import { TEXT_DIFFERENCES } from './differential/known-text-differences.js'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const README = textOf('README.md')
const OPTIONS_README = textOf('lib/options/README.md')

interface Example {
  readonly heading: string
  readonly language: string
  readonly code: string
}

/** The blocks of code after the mark, with their headings. */
const EXAMPLES: readonly Example[] = [
  README,
  ...['client', 'protocol', 'protocol/client', 'net', 'testing'].map((room) =>
    textOf(`lib/${room}/README.md`),
  ),
  textOf('lib/feed/local-copy.md'),
]
  .flatMap((readme) => readme.split(/^## /m))
  .flatMap((section) => {
    const heading = section.slice(0, section.indexOf('\n'))
    const blocks = [...section.matchAll(/<!-- runs -->\n```(\w+)\n(.*?)```/gs)]
    return blocks.map(([, language, code]) => ({ heading, language: language!, code: code! }))
  })

/** As a reader would configure TypeScript for the oldest supported Node.js. */
const TSC = ['--ignoreConfig', '--target', 'es2023', '--module', 'nodenext', '--types', 'node', '--strict']

function run(program: string, ...rest: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...rest], { encoding: 'utf8' })
  expect(status, stdout + stderr).to.equal(0)
  return stdout
}

describe('the README', () => {
  /** Inside the package, where its own name resolves to its exports. */
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(ROOT, 'dist', 'examples-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  for (const [index, { heading, language, code }] of EXAMPLES.entries())
    it(`has an example that runs and prints what it claims: ${heading}, in ${language}`, function () {
      this.slow(5000)
      const file = join(folder, `example-${index}.${language}`)
      writeFileSync(file, code)
      if (language === 'ts') run(join(ROOT, 'node_modules/typescript/bin/tsc'), ...TSC, file)
      const said = run(file.replace(/ts$/, 'js'))
      expect(said.trimEnd().split('\n')).to.deep.equal(code.match(/(?<=^\/\/ ).*/gm))
    })

  it('has a bounded number of lines', () => {
    expect(README.split('\n').length).to.be.at.most(260)
  })

  it('has its examples in TypeScript and in JavaScript, of each of its doors', () => {
    expect(EXAMPLES.map(({ heading, language }) => [heading, language])).to.deep.equal([
      ['In a program', 'ts'],
      ['In a program', 'js'],
      ['A client', 'js'],
      ['Start', 'js'],
      ['Errors', 'js'],
      ['getOrSet', 'js'],
      ['lock', 'js'],
      ['Changes', 'js'],
      ['Statistics and tracing', 'js'],
      ['Frames for tools', 'js'],
      ['Three requests at once', 'js'],
      ['An echo', 'js'],
      ['A chat', 'js'],
      ['In a test', 'ts'],
      ['# An exact local copy', 'js'],
    ])
  })

  it('of lib/options has the options of the code', () => {
    run(join(ROOT, 'scripts/options-table.mjs'), '--check')
  })

  it('of lib/options names only variables that the server or the tools know', () => {
    const names = [...OPTIONS_README.matchAll(/\bKEEPCACHED_[A-Z_]*[A-Z]\b/g)].map(([name]) => name)
    expect(names).to.include('KEEPCACHED_MAX_ITEM_SIZE')
    expect(unknownVariables(Object.fromEntries(names.map((name) => [name, 'given'])))).to.deep.equal([])
  })

  it('of spec/differential names every known difference', () => {
    const differences = textOf('spec/differential/README.md')
    for (const { what } of [...KNOWN_DIFFERENCES, ...TEXT_DIFFERENCES])
      expect(differences).to.include(`| ${what} `)
  })
})

describe('the READMEs of the folders', () => {
  const files = [
    ...['README.md', '.github/CONTRIBUTING.md', '.github/SECURITY.md'],
    ...['lib', 'spec', 'scripts'].flatMap(readmesIn),
  ]

  it('exist for each room of lib', () => {
    expect(files).to.include.members(['lib/README.md', 'lib/store/README.md', 'spec/README.md'])
    expect(files.length).to.be.at.least(14)
  })

  for (const file of files) {
    it(`have valid links: ${file}`, () => {
      const missing = linksOf(file).filter((path) => !existsSync(join(ROOT, path)))
      expect(missing).to.deep.equal([])
    })

    it(`have rows that fit a screen: ${file}`, () => {
      const lines = textOf(file).split('\n')
      expect(lines.filter((line) => line.length > 128)).to.deep.equal([])
    })
  }

  it('lead to documents that are in the package, too', () => {
    const args = ['pack', '--dry-run', '--json', '--ignore-scripts']
    const [packed] = JSON.parse(spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' }).stdout)
    const published = new Set((packed.files as { path: string }[]).map(({ path }) => path))
    const fromLib = [...published].filter((path) => /^lib\/.*\.md$/.test(path))
    expect(fromLib.length).to.be.at.least(14)
    const documents = ['README.md', ...fromLib].flatMap(linksOf).filter((path) => path.endsWith('.md'))
    expect(documents.filter((path) => !published.has(path))).to.deep.equal([])
  })

  it('of commands define each spec that their tables name', () => {
    const readme = textOf('lib/commands/README.md')
    const rows = readme.split('\n').filter((line) => line.startsWith('|'))
    const named = rows.flatMap((row) => [...row.matchAll(/\[([a-z-]+)\](?!\()/g)].map(([, name]) => name!))
    expect(named.length).to.be.at.least(50)
    for (const name of named) expect(readme).to.include(`\n[${name}]: ../../spec/`)
  })
})

/** The paths from the root of the files and folders that a document links. */
const linksOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:\]\(|^\[[^\]]+\]: )(?!https?:)([^)#\n]+)/gm)].map(([, path]) =>
    join(dirname(file), path!),
  )

function readmesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(({ name }) => name === 'README.md')
    .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name)))
}
