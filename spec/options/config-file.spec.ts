import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { parseOptions, type Serve } from '../../lib/options/sources/parse-options.js'
import type { ServerOptions } from '../../lib/options/table/options.js'

const DEFAULTS = completeOptions()

/** As Debian installs it, without most of its comments. */
const DEBIAN = `# memcached default config file
# This configuration file is read by the start-memcached script provided as
# part of the Debian GNU/Linux distribution.

# Run memcached as a daemon. This command is implied, and is not needed for the
# daemon to run. It doesn't hurt either.
-d

# Log memcached's output to /var/log/memcached
logfile /var/log/memcached.log

# Be verbose
# -v

-m 64
-p 11211
-u memcache

# Specify which IP address to listen on. The default is to listen on all IP addresses
-l 127.0.0.1

# -c 1024
-k
-P /var/run/memcached/memcached.pid
`

describe('a file of options', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-config-'))
  after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'memcached.conf')

  function parse(contents: string, words: readonly string[] = [], environment = {}) {
    writeFileSync(path, contents)
    return parseOptions(['--config', path, ...words], environment)
  }

  function serve(contents: string, words: readonly string[] = [], environment = {}): Serve {
    const commandLine = parse(contents, words, environment)
    if (commandLine.kind !== 'serve') throw new Error(JSON.stringify(commandLine))
    return commandLine
  }

  function refusal(contents: string, ...words: string[]): string {
    const commandLine = parse(contents, words)
    return commandLine.kind === 'refused' ? commandLine.message : `not refused: ${commandLine.kind}`
  }

  it("is Debian's, as it is", () => {
    const { options, isDaemon, withoutEffect } = serve(DEBIAN)
    expect(options).to.deep.equal({
      ...DEFAULTS,
      user: 'memcache',
      listen: [{ host: '127.0.0.1' }],
      pidFile: '/var/run/memcached/memcached.pid',
    })
    expect(isDaemon).to.equal(false)
    expect(withoutEffect).to.deep.equal([
      `-k (${path}, line 23)`,
      `-d (${path}, line 7)`,
      `logfile (${path}, line 10)`,
    ])
  })

  const lines: [contents: string, given: Partial<ServerOptions>][] = [
    ['', {}],
    ['\r\n  -p 5000  \r\n', { port: 5000 }],
    ['-p 5000 -m 128 # both', { port: 5000, memoryMegabytes: 128 }],
    ['-p 5000# no space', { port: 5000 }],
    ['--port=5000\n--memory-limit 128', { port: 5000, memoryMegabytes: 128 }],
    ['-l a\n-l b', { listen: [{ host: 'a' }, { host: 'b' }] }],
    ['-vv', { verbosity: 2 }],
    ['-D "#"', { prefixDelimiter: '#', detailEnabled: true }],
    ['-D \\#', { prefixDelimiter: '#', detailEnabled: true }],
    ["-P '/a b'/pid", { pidFile: '/a b/pid' }],
    ['-c 7\n-c 8', { connectionsMax: 8 }],
  ]
  for (const [contents, given] of lines)
    it(`may hold ${JSON.stringify(contents)}`, () => {
      expect(serve(contents).options).to.deep.equal({ ...DEFAULTS, ...given })
    })

  it('is overridden by the environment, and that by the command line', () => {
    const contents = '-p 1\n-c 2\n-t 3\n-l a\n-o no_lru_crawler,slab_automove=2'
    const { options } = serve(contents, ['-t', '5', '-o', 'slab_automove=0'], {
      KEEPCACHED_CONN_LIMIT: '4',
      KEEPCACHED_THREADS: '4',
      KEEPCACHED_LISTEN: 'b',
    })
    expect(options).to.deep.equal({
      ...DEFAULTS,
      port: 1,
      connectionsMax: 4,
      workers: 5,
      listen: [{ host: 'b' }],
      inertSettings: { lru_crawler: 'no', slab_automove: '0' },
    })
  })

  it('can be named by the environment, and the command line can name another', () => {
    writeFileSync(path, '-p 5000')
    const other = join(folder, 'other.conf')
    writeFileSync(other, '-p 5001')
    const environment = { KEEPCACHED_CONFIG: path }
    expect(parseOptions([], environment)).to.have.nested.property('options.port', 5000)
    expect(parseOptions([`--config=${other}`], environment)).to.have.nested.property('options.port', 5001)
  })

  it('is refused with its name and the line of the error', () => {
    expect(refusal('# first\n-c 0')).to.equal(
      `-c (${path}, line 2): 0 is not a number of connections; give 1 to 1048576`,
    )
    expect(refusal('-p')).to.equal(`-p (${path}, line 1): a value is missing`)
    expect(refusal('\n-Q')).to.equal(`-Q (${path}, line 2): there is no such option; -h lists them`)
    expect(refusal('-N 2')).to.equal(
      `-N (${path}, line 1): keepcached does not have this option of memcached`,
    )
    expect(refusal('-o x')).to.equal(`-o x (${path}, line 1): there is no such option; -h lists them`)
    expect(refusal('maxmemory 64')).to.equal(
      `maxmemory (${path}, line 1): only options are expected, and they begin with a dash`,
    )
    expect(refusal('--config=x')).to.equal(`--config (${path}, line 1): a file cannot name another one`)
    expect(refusal('-I 40m', '-m', '50')).to.equal(
      `-I (${path}, line 1): 40m is more than half of the 50 MB of -m; lower -I (${path}, line 1) or raise -m`,
    )
  })

  it('must exist, be a file, and be short', () => {
    const missing = join(folder, 'missing')
    expect(parseOptions(['--config', missing]))
      .to.have.property('message')
      .that.matches(/^--config: .*missing cannot be read: no such file or directory$/)
    expect(parseOptions([], { KEEPCACHED_CONFIG: folder })).to.deep.equal({
      kind: 'refused',
      message: `KEEPCACHED_CONFIG: ${folder} is not a file`,
    })
    expect(refusal('#'.repeat(1024 * 1024 + 1))).to.equal(`--config: ${path} is longer than 1 MiB`)
  })

  it('is not read for the help', () => {
    expect(parseOptions(['--config', join(folder, 'missing'), '-h'])).to.deep.equal({ kind: 'help' })
  })
})
