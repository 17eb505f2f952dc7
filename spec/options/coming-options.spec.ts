/** Options that the server does not have yet, or has only recently. */
import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { helpText } from '../../lib/options/help.js'
import { readAddress, writeAddress } from '../../lib/options/kinds/listen-address.js'
import { settingsStatistics } from '../../lib/options/settings.js'
import { OPTION_NAMES, OPTIONS, type ServerOptions } from '../../lib/options/table/options.js'

type Name = keyof ServerOptions

/** The row's value for what was typed; undefined if it is refused. */
function read<N extends Name>(name: N, typed: string): ServerOptions[N] | undefined {
  const { kind } = OPTIONS[name]
  const value = kind.read(typed, undefined)
  return value !== undefined && kind.accepts(value) ? value : undefined
}

/** How `stats settings` shows it. */
function shown<N extends Name>(name: N, typed: string): string[] {
  const options = { ...completeOptions(), [name]: read(name, typed) }
  const running = { memoryLength: 0, tcpPort: 0, udpPort: 0, verbosity: 0 }
  const lines = new Map(settingsStatistics(options, running))
  return (OPTIONS[name].settings ?? []).map((setting) => lines.get(setting)!)
}

describe('an option of memcached', () => {
  const good: [name: Name, typed: string, value: unknown, settings: string[]][] = [
    ['loginFile', '/etc/users', '/etc/users', ['/etc/users']],
    ['dumpEnabled', '', false, ['no']],
    ['watchEnabled', '', false, []],
    ['shutdownEnabled', '', true, ['yes']],
    ['idleTimeoutSeconds', '0', 0, ['0']],
    ['idleTimeoutSeconds', '30', 30, ['30']],
    ['temporaryTtlSeconds', '20', 20, ['yes', '20']],
    ['readBufferMegabytes', '1', 1, ['1048576']],
    ['watcherBufferLength', '16', 16384, ['16384']],
    ['workerBufferLength', '1048576', 2 ** 30, ['1073741824']],
    ['memoryFile', '/dev/shm/items', '/dev/shm/items', ['/dev/shm/items']],
    ['sslEnabled', '', true, ['yes']],
    ['sslChainCert', 'chain.pem', 'chain.pem', ['chain.pem']],
    ['sslKey', 'key.pem', 'key.pem', ['key.pem']],
    ['sslKeyFormat', '2', 'DER', ['2']],
    ['sslKeyFormat', 'pem', 'PEM', ['1']],
    ['sslVerifyMode', '2', 'require', ['2']],
    ['sslVerifyMode', 'once', 'once', ['3']],
    ['sslCiphers', 'HIGH:!aNULL', 'HIGH:!aNULL', ['HIGH:!aNULL']],
    ['sslCaCert', 'ca.pem', 'ca.pem', ['ca.pem']],
    ['sslMinVersion', '0', 'TLSv1', ['tlsv1.0']],
    ['sslMinVersion', '3', 'TLSv1.3', ['tlsv1.3']],
    ['sslMinVersion', 'tlsv1.2', 'TLSv1.2', ['tlsv1.2']],
    ['sslSessionCache', '', true, ['yes']],
    ['sslWriteBufferLength', '32', 32768, ['32768']],
  ]
  for (const [name, typed, value, settings] of good)
    it(`accepts its values: ${name} ${JSON.stringify(typed)}`, () => {
      expect(read(name, typed)).to.equal(value)
      expect(shown(name, typed)).to.deep.equal(settings)
    })

  const bad: [name: Name, typed: string][] = [
    ['loginFile', ''],
    ['idleTimeoutSeconds', '-1'],
    ['idleTimeoutSeconds', '1s'],
    ['temporaryTtlSeconds', ''],
    ['readBufferMegabytes', '3501'],
    ['watcherBufferLength', '0'],
    ['workerBufferLength', '1048577'],
    ['sslKeyFormat', 'ENGINE'],
    ['sslVerifyMode', '4'],
    ['sslMinVersion', '4'],
    ['sslWriteBufferLength', '0'],
    ['sslCiphers', 'x'.repeat(4097)],
  ]
  for (const [name, typed] of bad)
    it(`refuses others: ${name} ${JSON.stringify(typed.slice(0, 20))}`, () => {
      expect(read(name, typed)).to.equal(undefined)
    })

  it('without effect is not in the help', () => {
    const help = helpText('1.2.3')
    const inert = OPTION_NAMES.filter((name) => OPTIONS[name].isInert === true)
    expect(inert).to.deep.equal(['temporaryTtlSeconds'])
    for (const name of inert) {
      const { longName, extendedName } = OPTIONS[name]
      expect(help).not.to.match(new RegExp(`--${longName}\\b|- ${extendedName}\\b`))
    }
  })
})

describe('an address to listen on', () => {
  it('may have a rule about TLS before it', () => {
    expect(readAddress('notls:localhost')).to.deep.equal({ host: 'localhost', tls: 'notls' })
    expect(readAddress('mtls:[::1]:5000')).to.deep.equal({ host: '::1', port: 5000, tls: 'mtls' })
    expect(readAddress('btls:1.2.3.4:5')).to.deep.equal({ host: '1.2.3.4', port: 5, tls: 'btls' })
    expect(readAddress('xtls:1.2.3.4:5')).to.equal(undefined)
    expect(readAddress('notls:')).to.equal(undefined)
    for (const typed of ['notls:localhost', 'mtls:[::1]:5000'])
      expect(writeAddress(readAddress(typed)!)).to.equal(typed)
  })
})
