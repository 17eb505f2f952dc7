import { spawnSync } from 'node:child_process'

/** A program that the specs use and that not every machine has. */
export interface Peer {
  readonly name: string
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

/** Skips the suite with a notice if a peer is missing. With REQUIRE_PEERS=1 that is a failure. */
export function needs(...peers: Peer[]): void {
  before(function () {
    const missing = peers.filter((peer) => !peer.isThere()).map((peer) => peer.name)
    if (missing.length === 0) return
    if (process.env['REQUIRE_PEERS'] === '1') throw new Error(`not on this machine: ${missing.join(', ')}`)
    console.warn(`      skipped, not on this machine: ${missing.join(', ')}`)
    this.skip()
  })
}

function works(program: string, ...options: string[]): boolean {
  return spawnSync(program, options).status === 0
}
