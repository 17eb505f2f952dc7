import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { helpText } from '../../lib/options/help.js'
import { parseOptions, type Serve } from '../../lib/options/sources/parse-options.js'
import { environmentNameOf } from '../../lib/options/table/option-row.js'
import { OPTION_NAMES, OPTIONS, type ServerOptions } from '../../lib/options/table/options.js'

const DEFAULTS = completeOptions()

type Environment = Readonly<Record<string, string>>

function serve(environment: Environment, ...words: string[]): Serve {
  const commandLine = parseOptions(words, environment)
  if (commandLine.kind !== 'serve') throw new Error(JSON.stringify(commandLine))
  return commandLine
}

function refusal(environment: Environment, ...words: string[]): string {
  const commandLine = parseOptions(words, environment)
  return commandLine.kind === 'refused' ? commandLine.message : `not refused: ${commandLine.kind}`
}

describe('options from the environment', () => {
  const accepted: [environment: Environment, given: Partial<ServerOptions>][] = [
    [{ KEEPCACHED_PORT: '5000' }, { port: 5000 }],
    [
      { KEEPCACHED_PORT: '-1', KEEPCACHED_MEMORY_LIMIT: '128' },
      { port: 0, memoryMegabytes: 128 },
    ],
    [{ KEEPCACHED_LISTEN: 'a,[::1]:5000' }, { listen: [{ host: 'a' }, { host: '::1', port: 5000 }] }],
    [{ KEEPCACHED_MAX_ITEM_SIZE: '2m' }, { itemSizeMax: 2 * 1024 * 1024 }],
    [{ KEEPCACHED_DISABLE_EVICTIONS: 'yes' }, { evictions: false }],
    [{ KEEPCACHED_DISABLE_EVICTIONS: 'No', KEEPCACHED_DISABLE_CAS: 'TRUE' }, { casEnabled: false }],
    [{ KEEPCACHED_ENABLE_SASL: '1' }, { saslEnabled: true, protocol: 'binary' }],
    [{ KEEPCACHED_VERBOSE: '2' }, { verbosity: 2 }],
    [{ KEEPCACHED_MAXCONNS_FAST: 'no' }, { maxconnsFast: false }],
    [{ KEEPCACHED_TEMPORARY_TTL: '61' }, { temporaryTtlSeconds: 61 }],
    [{ KEEPCACHED_EXTENDED: 'no_maxconns_fast,modern' }, { maxconnsFast: false }],
    [{ KEEPCACHED_SLAB_GROWTH_FACTOR: '1.5' }, { inertSettings: { growth_factor: '1.50' } }],
    [{ KEEPCACHED_LRU_CRAWLER: 'no' }, { inertSettings: { lru_crawler: 'no' } }],
    [{ KEEPCACHED_DEBUG_TIME: '1' }, { debugTime: true }],
    [{ KEEPCACHED_DEBUG_TIME: '0' }, {}],
    [{ KEEPCACHED_PORT: '', KEEPCACHED_LISTEN: '' }, {}],
    [{ PORT: '5000', keepcached_port: '5000' }, {}],
  ]
  for (const [environment, given] of accepted)
    it(`are taken: ${JSON.stringify(environment)}`, () => {
      const { options, warnings } = serve(environment)
      expect(options).to.deep.equal({ ...DEFAULTS, ...given })
      expect(warnings).to.deep.equal([])
    })

  it('are replaced by those of the command line, not merged', () => {
    const environment = { KEEPCACHED_PORT: '5000', KEEPCACHED_VERBOSE: '2', KEEPCACHED_LISTEN: 'a' }
    const { options } = serve(environment, '-v', '-l', 'b')
    expect(options).to.deep.equal({ ...DEFAULTS, port: 5000, verbosity: 1, listen: [{ host: 'b' }] })
  })

  it('may ask for a daemon', () => {
    expect(serve({ KEEPCACHED_DAEMON: 'yes' }).isDaemon).to.equal(true)
    expect(serve({ KEEPCACHED_DAEMON: 'no' }).isDaemon).to.equal(false)
  })

  const wrong: [environment: Environment, message: string][] = [
    [{ KEEPCACHED_PORT: 'x' }, 'KEEPCACHED_PORT: x is not a port; give a number from 0 to 65535'],
    [
      { KEEPCACHED_CONN_LIMIT: '0' },
      'KEEPCACHED_CONN_LIMIT: 0 is not a number of connections; give 1 to 1048576',
    ],
    [{ KEEPCACHED_DISABLE_CAS: 'maybe' }, 'KEEPCACHED_DISABLE_CAS: maybe is not true or false'],
    [{ KEEPCACHED_VERBOSE: 'very' }, 'KEEPCACHED_VERBOSE: very is not a level; give 0 or more'],
    [{ KEEPCACHED_DAEMON: 'maybe' }, 'KEEPCACHED_DAEMON: maybe is not true or false'],
    [{ KEEPCACHED_LOCK_MEMORY: 'maybe' }, 'KEEPCACHED_LOCK_MEMORY: maybe is not true or false'],
    [
      { KEEPCACHED_EXTENDED: 'mordern' },
      'KEEPCACHED_EXTENDED mordern: there is no such option; -h lists them',
    ],
    [
      { KEEPCACHED_MAX_ITEM_SIZE: '64m' },
      'KEEPCACHED_MAX_ITEM_SIZE: 64m is more than half of the 64 MB of -m; lower KEEPCACHED_MAX_ITEM_SIZE or raise -m',
    ],
  ]
  for (const [environment, message] of wrong)
    it(`are refused by the name of the variable: ${JSON.stringify(environment)}`, () => {
      expect(refusal(environment)).to.equal(message)
    })

  it('are not read for the help', () => {
    expect(parseOptions(['-h'], { KEEPCACHED_PORT: 'x' })).to.deep.equal({ kind: 'help' })
  })

  it('that are unknown give a warning each', () => {
    const { options, warnings } = serve({ KEEPCACHED_PROT: '5000', KEEPCACHED_HELP: 'yes' })
    expect(options).to.deep.equal(DEFAULTS)
    expect(warnings).to.deep.equal([
      'KEEPCACHED_PROT: there is no such option; ignored',
      'KEEPCACHED_HELP: there is no such option; ignored',
    ])
  })

  it('ignore the variables that Kubernetes sets for a service called keepcached', () => {
    const { options, warnings } = serve({
      KEEPCACHED_SERVICE_HOST: '10.0.0.11',
      KEEPCACHED_SERVICE_PORT: '11211',
      KEEPCACHED_SERVICE_PORT_MEMCACHE: '11211',
      KEEPCACHED_PORT: 'tcp://10.0.0.11:11211',
      KEEPCACHED_PORT_11211_TCP: 'tcp://10.0.0.11:11211',
      KEEPCACHED_PORT_11211_TCP_ADDR: '10.0.0.11',
    })
    expect(options).to.deep.equal(DEFAULTS)
    expect(warnings).to.deep.equal([])
  })

  it('are the only way to let clients move the clock: the command line and the help do not name it', () => {
    for (const words of [['--debug-time'], ['-o', 'debug_time'], ['-o', 'debug-time']])
      expect(refusal({}, ...words)).to.include('there is no such option')
    expect(helpText('1.2.3')).not.to.match(/debug.?time/i)
  })

  it('have different names', () => {
    const environmentNames = OPTION_NAMES.map((name) => environmentNameOf(OPTIONS[name])).filter(
      (environmentName) => environmentName !== undefined,
    )
    expect(environmentNames).to.include.members(['KEEPCACHED_MEMORY_LIMIT', 'KEEPCACHED_IDLE_TIMEOUT'])
    expect(new Set(environmentNames).size).to.equal(environmentNames.length)
  })

  it('are explained by the help', () => {
    expect(helpText('1.2.3').replaceAll('\n', ' ')).to.include('KEEPCACHED_MEMORY_LIMIT for --memory-limit')
  })
})
