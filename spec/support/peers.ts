import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** A program that the specs use and that not every machine has. */
export interface Peer {
  readonly name: string
  /** It is too large to be asked for: not even REQUIRE_PEERS=1 does. */
  readonly isOptional?: true
  isThere(): boolean
}

export const MEMCACHED: Peer = { name: 'memcached', isThere: () => works('memcached', '-V') }

export const MEMCCAPABLE: Peer = {
  name: 'memccapable',
  // Without arguments it fails: only a program that cannot be started is missing.
  isThere: () => spawnSync('memccapable', ['-a', '-b']).error === undefined,
}

export const BMEMCACHED: Peer = {
  name: 'python-binary-memcached',
  isThere: () => pythonWith('bmemcached') !== undefined,
}

export const PYLIBMC: Peer = { name: 'pylibmc', isThere: () => pythonWith('pylibmc') !== undefined }

export const PYMEMCACHE: Peer = {
  name: 'pymemcache',
  isThere: () => pythonWith('pymemcache') !== undefined,
}

export const PYTHON_MEMCACHED: Peer = {
  name: 'python-memcached',
  isThere: () => pythonWith('memcache') !== undefined,
}

export const PYTEST: Peer = { name: 'pytest', isThere: () => pythonWith('pytest') !== undefined }

export const PHP_MEMCACHED: Peer = {
  name: 'php-memcached',
  isThere: () => works('php', '-r', 'exit(class_exists("Memcached") ? 0 : 1);'),
}

export const DALLI: Peer = { name: 'dalli', isThere: () => works('ruby', '-e', 'require "dalli"') }

export const PHPUNIT: Peer = { name: 'phpunit', isThere: () => works('phpunit', '--version') }
export const RSPEC: Peer = { name: 'rspec', isThere: () => works('rspec', '--version') }

/** Where Debian's packages of Go have their sources. */
export const GO_PACKAGES = '/usr/share/gocode'

export const GOMEMCACHE: Peer = {
  name: 'gomemcache',
  isOptional: true,
  isThere: () =>
    works('go', 'version') && existsSync(`${GO_PACKAGES}/src/github.com/bradfitz/gomemcache/memcache`),
}

/** Shows the page of the admin listener. */
export const CHROMIUM: Peer = { name: 'chromium', isThere: () => works('chromium', '--version') }

/** Makes certificates. */
export const OPENSSL: Peer = { name: 'openssl', isThere: () => works('openssl', 'version') }

export const BASH: Peer = shell('bash')
export const ZSH: Peer = shell('zsh')
export const FISH: Peer = shell('fish')

function shell(name: string): Peer {
  return { name, isThere: () => works(name, '-c', 'true') }
}

/** A distribution's packages are for its own python, which need not be the first one on the path. */
const PYTHONS = ['/usr/bin/python3', 'python3']

/** The first of the machine's pythons that has the module. */
export function pythonWith(module: string): string | undefined {
  return PYTHONS.find((python) => works(python, '-c', `import ${module}`))
}

/** Skips the suite with a notice if a peer is missing. With REQUIRE_PEERS=1 that is a failure, unless the peer is optional. */
export function needs(...peers: Peer[]): void {
  before(function () {
    const missing = peers.filter((peer) => !peer.isThere())
    if (missing.length === 0) return
    const notice = `not on this machine: ${missing.map(({ name }) => name).join(', ')}`
    const isRequired = missing.some(({ isOptional = false }) => !isOptional)
    if (isRequired && process.env['REQUIRE_PEERS'] === '1') throw new Error(notice)
    console.warn(`      skipped, ${notice}`)
    this.skip()
  })
}

function works(program: string, ...options: string[]): boolean {
  return spawnSync(program, options).status === 0
}
