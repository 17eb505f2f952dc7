/** The examples for other languages in lib/testing/control run, as they stand there. */
import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  DALLI,
  GO_PACKAGES,
  GOMEMCACHE,
  needs,
  type Peer,
  PHP_MEMCACHED,
  PHPUNIT,
  PYTEST,
  pythonWith,
  RSPEC,
} from '../support/peers.js'
import { MAIN } from '../support/program.js'
import { ProgramFolder, ROOT } from './programs.js'

interface Example {
  readonly name: string
  readonly peers: readonly Peer[]
  readonly file: string
  readonly command: () => readonly [program: string, ...words: string[]]
  readonly env?: Readonly<Record<string, string>>
  readonly passed: RegExp
}

const EXAMPLES: readonly Example[] = [
  {
    name: 'pytest',
    peers: [PYTEST],
    file: 'test_cache.py',
    command: () => [pythonWith('pytest')!, '-m', 'pytest', '-q', '-p', 'no:cacheprovider'],
    passed: /^2 passed/m,
  },
  {
    name: 'PHPUnit',
    peers: [PHPUNIT, PHP_MEMCACHED],
    file: 'CacheTest.php',
    command: () => ['phpunit', '--do-not-cache-result'],
    passed: /^OK \(2 tests, 4 assertions\)/m,
  },
  {
    name: 'RSpec',
    peers: [RSPEC, DALLI],
    file: 'cache_spec.rb',
    command: () => ['rspec'],
    passed: /^2 examples, 0 failures/m,
  },
  {
    name: 'Go',
    peers: [GOMEMCACHE],
    file: 'cache_test.go',
    // A result in Go's cache would count as passed. Compiled packages come from there: they take ten seconds.
    command: () => ['go', 'test', '-v', '-count=1'],
    // Debian's packages of Go are a tree of sources, from before there were modules.
    env: { GO111MODULE: 'off', GOPATH: GO_PACKAGES },
    passed: /^--- PASS: TestSessionExpires.*\n(?:.*\n)*--- PASS: TestTimeout/m,
  },
]

const README = readFileSync(join(ROOT, 'lib/testing/control/README.md'), 'utf8')

function codeOf(name: string): string {
  const [, code] = new RegExp(`<!-- example: ${name} -->\\n\`\`\`\\w+\\n(.*?)\`\`\``, 's').exec(README)!
  return code!
}

describe('the examples for other languages', function () {
  this.timeout(180_000)
  this.slow(30_000)

  it('are all that there are', () => {
    const names = [...README.matchAll(/<!-- example: (\w+) -->/g)].map(([, name]) => name)
    expect(names).to.deep.equal(EXAMPLES.map(({ name }) => name))
  })

  for (const { name, peers, file, command, env, passed } of EXAMPLES)
    describe(`for ${name}`, () => {
      needs(...peers)
      it('passes', () => {
        using folder = new ProgramFolder()
        // As npx finds it in a project that has the package installed.
        mkdirSync(join(folder.path, 'bin'))
        const npx = folder.write('bin/npx', `#!/bin/sh\nshift\nexec '${process.execPath}' '${MAIN}' "$@"\n`)
        chmodSync(npx, 0o755)
        const [program, ...words] = command()
        const { status, stdout, stderr } = folder.run(program, [...words, folder.write(file, codeOf(name))], {
          PATH: `${join(folder.path, 'bin')}:${process.env['PATH']}`,
          ...env,
        })
        expect(status, stdout + stderr).to.equal(0)
        expect(stdout).to.match(passed)
      })
    })
})
