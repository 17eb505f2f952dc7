import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { settingsStatistics } from '../../lib/options/settings.js'
import type { ServerOptions } from '../../lib/options/table/options.js'

describe('statistics about settings', () => {
  const idle = { memoryLength: 67_108_864, tcpPort: 0, udpPort: 0, verbosity: 0 }

  function settings(given: Partial<ServerOptions>, running = idle): Record<string, string> {
    return Object.fromEntries(settingsStatistics(completeOptions(given), running))
  }

  it("have memcached's names, and a value for each", () => {
    const statistics = settingsStatistics(completeOptions(), idle)
    expect(statistics).to.have.length(66)
    expect(statistics[0]).to.deep.equal(['maxbytes', '67108864'])
    expect(statistics.at(-1)).to.deep.equal(['client_flags_size', '4'])
    for (const [name, value] of statistics) expect(value, name).not.to.equal('')
  })

  it("show memcached's defaults", () => {
    expect(settings({})).to.include({
      maxconns: '1024',
      inter: 'NULL',
      evictions: 'on',
      domain_socket: 'NULL',
      umask: '700',
      num_threads: '4',
      num_threads_per_udp: '4',
      stat_key_prefix: ':',
      detail_enabled: 'no',
      reqs_per_event: '20',
      cas_enabled: 'yes',
      tcp_backlog: '1024',
      binding_protocol: 'auto-negotiate',
      auth_enabled_sasl: 'no',
      item_size_max: '1048576',
      maxconns_fast: 'yes',
      flush_enabled: 'yes',
      shutdown_command: 'no',
      growth_factor: '1.25',
      dump_enabled: 'yes',
      auth_enabled_ascii: 'no',
      slab_chunk_max: '524288',
      temp_lru: 'no',
      temporary_ttl: '61',
      idle_timeout: '0',
      watcher_logbuf_size: '262144',
      worker_logbuf_size: '65536',
      read_buf_mem_limit: '0',
      ssl_enabled: 'no',
      ssl_verify_mode: '0',
      ssl_keyformat: '1',
      ssl_wbuf_size: '16384',
      ssl_session_cache: 'no',
      ssl_kernel_tls: 'no',
      ssl_min_version: 'tlsv1.2',
    })
  })

  it('show an absent value as memcached does', () => {
    expect(settings({})).to.include({
      ssl_chain_cert: '(null)',
      ssl_key: '(null)',
      ssl_ciphers: 'NULL',
      ssl_ca_cert: 'NULL',
      memory_file: '(null)',
    })
  })

  it('show the values of options without effect', () => {
    const given = { inertSettings: { growth_factor: '1.10', lru_crawler: 'no', slab_chunk_max: '4096' } }
    expect(settings(given)).to.include({ ...given.inertSettings, chunk_size: '48' })
  })

  it('show the given values', () => {
    const given: Partial<ServerOptions> = {
      memoryMegabytes: 256,
      itemSizeMax: 32 * 1024 * 1024,
      evictions: false,
      casEnabled: false,
      flushEnabled: false,
      saslEnabled: true,
      listen: [{ host: '::1' }, { host: '::1', port: 5000 }],
      socketMask: 0o750,
      workers: 2,
      backlog: 8675,
      maxconnsFast: false,
    }
    const running = { memoryLength: 268_435_456, tcpPort: 5000, udpPort: 5001, verbosity: 2 }
    expect(settings(given, running)).to.include({
      maxbytes: '268435456',
      tcpport: '5000',
      udpport: '5001',
      verbosity: '2',
      item_size_max: '33554432',
      evictions: 'off',
      cas_enabled: 'no',
      flush_enabled: 'no',
      auth_enabled_sasl: 'yes',
      binding_protocol: 'binary',
      inter: '::1,[::1]:5000',
      umask: '750',
      num_threads: '2',
      tcp_backlog: '8675',
      maxconns_fast: 'no',
    })
    expect(settings({ socketPath: '/tmp/x' })['domain_socket']).to.equal('/tmp/x')
  })
})
