import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { helpText } from '../../lib/options/help.js'
import { OPTION_NAMES, OPTIONS, type ServerOptions } from '../../lib/options/table/options.js'

const DEFAULTS = completeOptions()

describe('options from a program', () => {
  it('are completed with the defaults', () => {
    expect(completeOptions({ port: 0, evictions: false })).to.deep.equal({
      ...DEFAULTS,
      port: 0,
      evictions: false,
    })
  })

  it('may be undefined, which means not given', () => {
    const options = { port: undefined, user: undefined } as unknown as Partial<ServerOptions>
    expect(completeOptions(options)).to.deep.equal(DEFAULTS)
  })

  it('can name addresses as they are typed on the command line', () => {
    const listen = [{ host: '127.0.0.1' }, { host: '::1', port: 11311 }]
    expect(completeOptions({ listen: '127.0.0.1,[::1]:11311' }).listen).to.deep.equal(listen)
    expect(completeOptions({ listen: ['127.0.0.1', { host: '::1', port: 11311 }] }).listen).to.deep.equal(
      listen,
    )
    const refused = /^listen: \["a:b:c"\] is not an address to listen on; give a host/
    for (const wrong of ['a:b:c', ['a:b:c']])
      expect(() => completeOptions({ listen: wrong })).to.throw(RangeError, refused)
  })

  it('let an item take half of a memory that is too small for the default limit', () => {
    expect(completeOptions({ memoryMegabytes: 1 }).itemSizeMax).to.equal(512 * 1024)
    expect(completeOptions({ memoryMegabytes: 1, itemSizeMax: 2048 }).itemSizeMax).to.equal(2048)
    expect(completeOptions({ memoryMegabytes: 2 }).itemSizeMax).to.equal(1024 * 1024)
    expect(completeOptions({ memoryMegabytes: 1024 }).itemSizeMax).to.equal(1024 * 1024)
  })

  it('do not change when they are complete', () => {
    const all: Partial<ServerOptions>[] = [
      { udpPort: 5001 },
      { socketPath: '/tmp/x' },
      { saslEnabled: true },
      { memoryMegabytes: 1 },
    ]
    for (const given of [{}, { port: null }, { prefixDelimiter: '/', detailEnabled: false }, ...all]) {
      const options = completeOptions(given)
      expect(completeOptions(options)).to.deep.equal(options)
    }
  })

  const outOfRange: [options: Partial<ServerOptions>, message: string][] = [
    [{ port: 65536 }, 'port: 65536 is not a port; give a number from 0 to 65535'],
    [{ connectionsMax: 0 }, 'connectionsMax: 0 is not a number of connections; give 1 to 1048576'],
    [{ workers: Number.NaN }, 'workers: NaN is not a number of threads; give 1 to 1024'],
    [
      { itemSizeMax: 2 ** 25 + 1 },
      'itemSizeMax: 33554433 is more than half of the 64 MB of memoryMegabytes; lower itemSizeMax or raise memoryMegabytes',
    ],
    [
      { memoryMegabytes: 1, itemSizeMax: 2 ** 20 },
      'itemSizeMax: 1m is more than half of the 1 MB of memoryMegabytes; lower itemSizeMax or raise memoryMegabytes',
    ],
    [
      { memoryMegabytes: 8000, itemMemories: 2 },
      'itemMemories: each would have 4000.0 of the 8000 MB of memoryMegabytes; give each 1 to 3500 MB',
    ],
    [
      { memoryMegabytes: 64, itemMemories: 16, itemSizeMax: 3 * 2 ** 20 },
      'itemSizeMax: 3m is more than half of the 64 MB of memoryMegabytes, in 16 memories; lower itemSizeMax or raise memoryMegabytes',
    ],
    [
      { saslEnabled: true, protocol: 'auto' },
      'protocol: auto would let text clients past the login that saslEnabled requires; give binary',
    ],
  ]
  for (const [options, message] of outOfRange) {
    it(`are refused with a RangeError: ${JSON.stringify(options)}`, () => {
      expect(() => completeOptions(options)).to.throw(RangeError, message)
    })
  }

  const ofWrongType: [options: object, message: string][] = [
    [{ port: '0' }, 'port: "0" is text, not a number'],
    [{ connectionsMax: '5x' }, 'connectionsMax: "5x" is text, not a number'],
    [{ memoryMegabytes: () => 1 }, 'memoryMegabytes: a function is not a memory limit'],
    [{ connectionsMax: null }, 'connectionsMax: null is not a number of connections; give 1 to 1048576'],
    [{ evictions: 'yes' }, 'evictions: "yes" is not true or false'],
    [
      { listen: 11211 },
      'listen: 11211 is not an address to listen on; give a host, host:port or [IPv6 address]:port',
    ],
    [{ prot: 11211 }, 'prot: there is no such option'],
  ]
  for (const [options, message] of ofWrongType) {
    it(`are refused with a TypeError: ${JSON.stringify(options)}`, () => {
      expect(() => completeOptions(options)).to.throw(TypeError, message)
    })
  }

  it('have only addresses in their list of addresses', () => {
    for (const address of [null, '', {}, { host: '' }, { host: 'a', port: -1 }, { host: 'a', port: '1' }]) {
      const options = { listen: [address] } as unknown as Partial<ServerOptions>
      expect(() => completeOptions(options)).to.throw(RangeError, 'is not an address to listen on')
    }
  })
})

describe('the table of options', () => {
  it('has defaults that its own kinds accept, and that read as they are written', () => {
    for (const name of OPTION_NAMES) expectSound(name)
  })

  function expectSound<Name extends keyof ServerOptions>(name: Name) {
    const { kind, default: value } = OPTIONS[name]
    expect(kind.accepts(value), name).to.equal(true)
    const written = kind.write(value)
    if (kind.argument === undefined || written === '') return
    expect(kind.read(written, undefined), name).to.deep.equal(value)
  }

  it('gives no two options the same letter or name', () => {
    const spellings = OPTION_NAMES.flatMap((name) => {
      const { letter, longName, extendedName } = OPTIONS[name]
      return [letter, longName, extendedName].filter((each) => each !== undefined)
    })
    expect(new Set(spellings).size).to.equal(spellings.length)
  })
})

describe('the help', () => {
  const help = helpText('1.2.3')

  it('begins with the name and the version', () => {
    expect(help).to.match(/^keepcached 1\.2\.3 /)
  })

  it('names only what works, since clients look for features in it', () => {
    expect(help).to.include('--unix-socket').and.to.include('--enable-sasl').and.to.include('maxconns_fast')
    expect(help).to.include('--enable-ssl')
    expect(help).not.to.match(/ext_path|proxy_config|no_drop_privileges/i)
  })

  it('names every option that the command line takes', () => {
    for (const name of OPTION_NAMES) {
      const { longName, isInert } = OPTIONS[name]
      if (longName !== undefined && isInert !== true)
        expect(help).to.match(new RegExp(`^(-\\w, )?--${longName}\\b`, 'm'))
    }
    expect(help).to.include('--data=<dir>').and.to.include('--fsync=').and.to.include('--snapshot-interval=')
  })

  it('has no line that a test harness would take for a result', () => {
    expect(help).not.to.match(/^(ok|not ok|\d+\.\.)/m)
  })

  it('is at most eighty columns wide', () => {
    for (const line of help.split('\n')) expect(line).to.have.length.at.most(80)
  })
})
