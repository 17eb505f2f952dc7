import { execFileSync } from 'node:child_process'
import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { parseOptions, type Serve } from '../../lib/options/sources/parse-options.js'
import type { ServerOptions } from '../../lib/options/table/options.js'
import { MEMCACHED, needs } from '../support/peers.js'

const DEFAULTS = completeOptions()

/** The words of a command line without quotes. */
function words(line: string): string[] {
  return line.split(' ').filter((word) => word !== '')
}

function read(line: string): ServerOptions {
  const commandLine = parseOptions(words(line))
  if (commandLine.kind !== 'serve') throw new Error(`${line}: ${JSON.stringify(commandLine)}`)
  return commandLine.options
}

function refusal(...line: string[]): string {
  const commandLine = parseOptions(line)
  return commandLine.kind === 'refused' ? commandLine.message : `not refused: ${commandLine.kind}`
}

describe('the command line', () => {
  const accepted: [line: string, given: Partial<ServerOptions>][] = [
    ['', {}],
    ['-p 5000', { port: 5000 }],
    ['-p5000', { port: 5000 }],
    ['--port=5000', { port: 5000 }],
    ['--port 5000', { port: 5000 }],
    ['-p 0', { port: null }],
    ['-p -1', { port: 0 }],
    ['-p 5000 -p 5001', { port: 5001 }],
    ['-U 0', { udpPort: null }],
    ['-U 5001', { port: 5001, udpPort: 5001 }],
    ['-U -1', { port: 0, udpPort: 0 }],
    ['-p 5000 -U 5001', { port: 5000, udpPort: 5001 }],
    ['-p -1 -U 5001', { port: 0, udpPort: 5001 }],
    ['-s/tmp/x', { socketPath: '/tmp/x', port: null }],
    ['-s /tmp/x -p 5000 -U 5001', { socketPath: '/tmp/x', port: null }],
    ['-a 0770', { socketMask: 0o770 }],
    ['-l 127.0.0.1', { listen: [{ host: '127.0.0.1' }] }],
    ['-l::1', { listen: [{ host: '::1' }] }],
    ['-l localhost:5000', { listen: [{ host: 'localhost', port: 5000 }] }],
    ['-l [::1]:5000;[::1]', { listen: [{ host: '::1', port: 5000 }, { host: '::1' }] }],
    ['-l a,b; -l *:0', { listen: [{ host: 'a' }, { host: 'b' }, { host: '*', port: 0 }] }],
    ['-u nobody -P /tmp/pid', { user: 'nobody', pidFile: '/tmp/pid' }],
    ['-m 1', { memoryMegabytes: 1, itemSizeMax: 512 * 1024 }],
    ['-m 2', { memoryMegabytes: 2 }],
    ['-m 3500 -I 1G', { memoryMegabytes: 3500, itemSizeMax: 2 ** 30 }],
    ['-m 16000', { memoryMegabytes: 16_000, itemMemories: null }],
    ['-o item_memories=4', { itemMemories: 4 }],
    ['-I 1024', { itemSizeMax: 1024 }],
    ['-I 512k', { itemSizeMax: 512 * 1024 }],
    ['-I 2M', { itemSizeMax: 2 * 1024 * 1024 }],
    ['-c 7 -t 1 -R 500 -b 8675', { connectionsMax: 7, workers: 1, requestsPerEvent: 500, backlog: 8675 }],
    ['-B ascii -B auto', { protocol: 'auto' }],
    ['-MCF', { evictions: false, casEnabled: false, flushEnabled: false }],
    ['-L', { largePages: true }],
    ['-Mp 5000', { evictions: false, port: 5000 }],
    ['--disable-cas', { casEnabled: false }],
    ['-S', { saslEnabled: true, protocol: 'binary' }],
    ['-S -B ascii -B binary', { saslEnabled: true, protocol: 'binary' }],
    ['-D/', { prefixDelimiter: '/', detailEnabled: true }],
    ['-v', { verbosity: 1 }],
    ['-vv --verbose', { verbosity: 3 }],
    ['-o no_maxconns_fast', { maxconnsFast: false }],
    ['-o no_maxconns_fast,maxconns_fast', { maxconnsFast: true }],
    ['-o modern,no_hashexpand -o relaxed_privileges,no_drop_privileges -kr', {}],
    [
      '-o no_modern,slab_chunk_max=4',
      {
        maxconnsFast: false,
        inertSettings: {
          slab_reassign: 'no',
          slab_automove: '0',
          lru_crawler: 'no',
          lru_maintainer_thread: 'no',
          lru_segmented: 'no',
          hash_algorithm: 'jenkins',
          slab_chunk_max: '4096',
        },
      },
    ],
    [
      '-o slab_automove,,no_lru_crawler --extended=hashpower=20',
      { inertSettings: { slab_automove: '1', lru_crawler: 'no', hashpower_init: '20' } },
    ],
    ['-o slab_automove_ratio=0.5', { inertSettings: { slab_automove_ratio: '0.50' } }],
    ['-f 1.1 -n 512 --slab-min-size=96', { inertSettings: { growth_factor: '1.10', chunk_size: '96' } }],
    ['-o temporary_ttl=61', { temporaryTtlSeconds: 61 }],
    ['-o read_buf_mem_limit=1', { readBufferMegabytes: 1 }],
    [
      '-o watcher_logbuf_size=8,worker_logbuf_size=16',
      { watcherBufferLength: 8192, workerBufferLength: 16384 },
    ],
    ['--prefix-delimiter=/', { prefixDelimiter: '/', detailEnabled: true }],
  ]
  for (const [line, given] of accepted) {
    it(`takes "${line}"`, () => {
      expect(read(line)).to.deep.equal({ ...DEFAULTS, ...given })
    })
  }

  it('ends at -h, -V or -i, whatever comes after', () => {
    expect(parseOptions(['-h'])).to.deep.equal({ kind: 'help' })
    expect(parseOptions(['-vV'])).to.deep.equal({ kind: 'version' })
    expect(parseOptions(['-p', '0', '--license', '-Q'])).to.deep.equal({ kind: 'license' })
  })

  it('reports options without effect, as they were spelled', () => {
    const commandLine = parseOptions(words('-k -f1.5 -o slab_reassign,temporary_ttl=5,maxconns_fast'))
    expect(commandLine).to.include.keys('withoutEffect')
    expect((commandLine as Serve).withoutEffect).to.deep.equal([
      '-k',
      '-f',
      '-o slab_reassign',
      '-o temporary_ttl',
    ])
  })

  it('may ask for a daemon', () => {
    expect(parseOptions(['-dp0'])).to.include({ kind: 'serve', isDaemon: true })
    expect(parseOptions(['--daemon'])).to.include({ kind: 'serve', isDaemon: true })
    expect(parseOptions([])).to.include({ kind: 'serve', isDaemon: false })
  })

  const refused: [line: string, message: string][] = [
    ['-c 0', '-c: 0 is not a number of connections; give 1 to 1048576'],
    ['--conn-limit=-1', '--conn-limit: -1 is not a number of connections; give 1 to 1048576'],
    ['-t 0', '-t: 0 is not a number of threads; give 1 to 1024'],
    ['-R 0', '-R: 0 is not a number of requests; give 1 or more'],
    ['-b many', '-b: many is not a number of waiting connections; give 1 or more'],
    ['-p 65536', '-p: 65536 is not a port; give a number from 0 to 65535'],
    ['-p 11211x', '-p: 11211x is not a port; give a number from 0 to 65535'],
    ['-c 99999999', '-c: 99999999 is not a number of connections; give 1 to 1048576'],
    ['-p -2', '-p: -2 is not a port; give a number from 0 to 65535'],
    ['-p 1e3', '-p: 1e3 is not a port; give a number from 0 to 65535'],
    ['-a 999', '-a: 999 is not a set of permissions; give 0 to 777 in octal'],
    ['-a 1000', '-a: 1000 is not a set of permissions; give 0 to 777 in octal'],
    ['-B http', '-B: http is not a protocol; give auto, ascii or binary'],
    ['-m 0', '-m: 0 is not a memory limit; give 1 to 224000 megabytes'],
    ['-m 300000', '-m: 300000 is not a memory limit; give 1 to 224000 megabytes'],
    ['-I 1000', '-I: 1000 is not an item size; give 1024 to 1073741824 bytes (1k to 1g)'],
    ['-I 2g -m 3500', '-I: 2g is not an item size; give 1024 to 1073741824 bytes (1k to 1g)'],
    ['-I 5t', '-I: 5t is not an item size; give 1024 to 1073741824 bytes (1k to 1g)'],
    ['-I 256m', '-I: 256m is more than half of the 64 MB of -m; lower -I or raise -m'],
    [
      '-I 1m --memory-limit 1',
      '-I: 1m is more than half of the 1 MB of --memory-limit; lower -I or raise --memory-limit',
    ],
    ['-S -B auto', '-B: auto would let text clients past the login that -S requires; give binary'],
    [
      '-S -B binary -B ascii',
      '-B: ascii would let text clients past the login that -S requires; give binary',
    ],
    ['-S -U 5000', '-U: UDP has no connections that could log in, as -S requires; leave one of them out'],
    ['-l notls:localhost:5000', '-l: notls:localhost:5000 means something only with TLS; give -Z'],
    ['-f 1', '-f: 1 is not a growth factor; give more than 1'],
    ['-f x', '-f: x is not a growth factor; give more than 1'],
    ['-n 0', '-n: 0 is not a size of chunks; give 1 or more bytes'],
    ['-o hash_algorithm=md5', '-o hash_algorithm: md5 is not a hash; give jenkins, murmur3 or xxh3'],
    ['-o hashpower=99', '-o hashpower: 99 is not a power of two; give 12 to 64'],
    ['-o slab_automove=3', '-o slab_automove: 3 is not a way to move pages; give 0 to 2'],
    [
      '-o slab_automove_ratio=1',
      '-o slab_automove_ratio: 1 is not a ratio; give more than 0 and less than 1',
    ],
    ['-o hot_lru_pct=80', '-o hot_lru_pct: 80 is not a share; give 1 to 79 percent'],
    ['-o tail_repair_time=9', '-o tail_repair_time: 9 is not a time; give 10 or more seconds'],
    ['-o temporary_ttl', '-o temporary_ttl: a value is missing'],
    ['-o temporary_ttl=-1', '-o temporary_ttl: -1 is not a time; give 0 or more seconds'],
    [
      '-o read_buf_mem_limit=x',
      '-o read_buf_mem_limit: x is not a limit of buffers; give 0 to 3500 megabytes',
    ],
    [
      '-o watcher_logbuf_size=0',
      '-o watcher_logbuf_size: 0 is not a size of buffers; give 1 to 1048576 kilobytes',
    ],
    ['--config=', '--config: a value is missing'],
    ['-N 4', '-N: keepcached does not have this option of memcached'],
    ['--napi-ids=4', '--napi-ids: keepcached does not have this option of memcached'],
    ['-D ab', '-D: ab is not a delimiter; give one visible ASCII character'],
    ['-p', '-p: a value is missing'],
    ['--port', '--port: a value is missing'],
    ['-o hashpower', '-o hashpower: a value is missing'],
    ['-o hashpower=', '-o hashpower: a value is missing'],
    ['--disable-cas=1', '--disable-cas: takes no value, and 1 is one'],
    ['-o maxconns_fast=1', '-o maxconns_fast: takes no value, and 1 is one'],
    ['-o modern=1', '-o modern: takes no value, and 1 is one'],
    ['-Z', '-Z: TLS needs a certificate; give -o ssl_chain_cert'],
    ['-o ext_path=x', '-o ext_path: keepcached does not have this option of memcached'],
    ['-o modern,mordern', '-o mordern: there is no such option; -h lists them'],
    ['-vQ', '-Q: there is no such option; -h lists them'],
    ['--prot=auto', '--prot: there is no such option; -h lists them'],
    ['--undefined', '--undefined: there is no such option; -h lists them'],
    ['11211', '11211: only options are expected, and they begin with a dash'],
    ['-', '-: only options are expected, and they begin with a dash'],
  ]
  for (const [line, message] of refused) {
    it(`refuses "${line}"`, () => {
      expect(refusal(...words(line))).to.equal(message)
    })
  }

  it('quotes characters that are invisible or would disturb a terminal', () => {
    expect(refusal('-D', '')).to.match(/^-D: "" is not/)
    expect(refusal('-B', 'a\x1b[2Jb')).to.match(/^-B: "a\\u001b\[2Jb" is not/)
    expect(refusal('-o', 'a b')).to.match(/^-o "a b": there is no/)
  })

  const addresses = [
    '',
    ',',
    'host:',
    'host:65536',
    'host:-1',
    ':11211',
    '1:2:3',
    '[::1',
    '[host]:1',
    'a,b:c',
  ]
  for (const address of addresses) {
    it(`refuses to listen on "${address}"`, () => {
      expect(refusal('-l', address)).to.match(/^-l: .* is not an address to listen on;/)
    })
  }

  it('refuses the path of a socket that is too long for the kernel', () => {
    expect(read(`-s ${'x'.repeat(107)}`).socketPath).to.have.length(107)
    expect(refusal('-s', 'x'.repeat(108))).to.match(/is not the path of a unix socket; give 1 to 107 bytes$/)
  })

  it('knows every option of memcached 1.6.45, also those that its help omits', () => {
    const letters = [...'aAbBcCdDeFfhiIklLmMnNoprPRsStuUvVWXYZ']
    const extended = [
      'no_maxconns_fast hashpower no_hashexpand slab_reassign no_slab_reassign slab_automove no_slab_automove',
      'slab_automove_ratio slab_automove_window slab_automove_freeratio slab_sizes slab_chunk_max no_chunked_items',
      'tail_repair_time hash_algorithm lru_crawler no_lru_crawler lru_crawler_sleep lru_crawler_tocrawl',
      'lru_maintainer no_lru_maintainer hot_lru_pct warm_lru_pct hot_max_factor warm_max_factor temporary_ttl',
      'idle_timeout watcher_logbuf_size worker_logbuf_size read_buf_mem_limit resp_obj_mem_limit track_sizes',
      'inline_ascii_resp no_inline_ascii_resp modern no_modern drop_privileges no_drop_privileges',
      'relaxed_privileges ssl_chain_cert ssl_key ssl_keyformat ssl_verify_mode ssl_ciphers ssl_ca_cert',
      'ssl_wbuf_size ssl_session_cache ssl_kernel_tls ssl_min_version sock_cookie_id proxy_config proxy_arg',
      'ext_path ext_page_size ext_item_size ext_drop_unread',
    ].flatMap((line) => line.split(' '))
    const unknown = [
      ...letters.filter((letter) => isUnknown(`-${letter}`, `-${letter}`, '1')),
      ...extended.filter((name) => isUnknown(`-o ${name}`, '-o', name)),
    ]
    expect(unknown).to.deep.equal([])
  })

  function isUnknown(spelling: string, ...line: string[]): boolean {
    return refusal(...line).startsWith(`${spelling}: there is no such option`)
  }

  describe('beside memcached', () => {
    needs(MEMCACHED)

    it('knows every option that memcached lists', () => {
      const help = execFileSync('memcached', ['-h'], { encoding: 'utf8' })
      const spellings = [...help.matchAll(/^(-\w)(?:,? +(--[\w-]+))?/gm)].flatMap((match) =>
        match.slice(1, 3),
      )
      const extended = [...help.matchAll(/^ {3}- (\w+):/gm)].map((match) => match[1]!)
      expect(spellings).to.include.members(['-p', '--port', '-W', '--disable-watch'])
      expect(extended).to.include.members(['maxconns_fast', 'ssl_key', 'ext_path'])
      const unknown = [
        ...spellings.filter((spelling) => spelling && isUnknown(spelling, spelling, '1')),
        ...extended.filter((name) => isUnknown(`-o ${name}`, '-o', name)),
      ]
      expect(unknown).to.deep.equal([])
    })
  })
})
