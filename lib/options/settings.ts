import type { Statistic } from '../request/reply.js'
import { OPTION_NAMES, OPTIONS, type OptionName, type ServerOptions } from './table/options.js'

/** Settings that are known only once the server runs. */
export interface RunningSettings {
  /** The ports in use; 0 for none. */
  readonly tcpPort: number
  readonly udpPort: number
  /** Clients can change these two. */
  readonly memoryLength: number
  readonly verbosity: number
}

/** The reply to `stats settings`. */
export function settingsStatistics(options: ServerOptions, running: RunningSettings): Statistic[] {
  const known = new Map([
    ['maxbytes', `${running.memoryLength}`],
    ['tcpport', `${running.tcpPort}`],
    ['udpport', `${running.udpPort}`],
    ['verbosity', `${running.verbosity}`],
    ...OPTION_NAMES.flatMap((name) => textsOf(name, options)),
  ])
  const { inertSettings } = options
  return SETTINGS.map(([name, fixed]) => [name, known.get(name) || inertSettings[name] || fixed || MISSING])
}

/** A value is never empty: clients of the text protocol would read the next line as the value. */
const MISSING = 'NULL'

function textsOf<Name extends OptionName>(
  name: Name,
  options: ServerOptions,
): [setting: string, text: string][] {
  const { settings = [], settingText, kind } = OPTIONS[name]
  const value = options[name]
  return settings.map((setting) => [setting, (settingText ?? kind.write)(value, setting)])
}

/**
 * memcached's names in memcached's order. Names without an option show memcached's default,
 * even if the feature does not exist here, because tools look for them.
 */
const SETTINGS: readonly (readonly [name: string, fixed?: string])[] = [
  ['maxbytes'],
  ['maxconns'],
  ['tcpport'],
  ['udpport'],
  ['inter'],
  ['verbosity'],
  ['oldest', '0'],
  ['evictions'],
  ['domain_socket'],
  ['umask'],
  ['shutdown_command'],
  ['growth_factor', '1.25'],
  ['chunk_size', '48'],
  ['num_threads'],
  ['num_threads_per_udp'],
  ['stat_key_prefix'],
  ['detail_enabled'],
  ['reqs_per_event'],
  ['cas_enabled'],
  ['tcp_backlog'],
  ['binding_protocol'],
  ['auth_enabled_sasl'],
  ['auth_enabled_ascii'],
  ['item_size_max'],
  ['maxconns_fast'],
  ['hashpower_init', '0'],
  ['slab_reassign', 'yes'],
  ['slab_automove', '1'],
  ['slab_automove_ratio', '0.80'],
  ['slab_automove_window', '10'],
  ['slab_chunk_max', '524288'],
  ['lru_crawler', 'yes'],
  ['lru_crawler_sleep', '100'],
  ['lru_crawler_tocrawl', '0'],
  ['tail_repair_time', '0'],
  ['flush_enabled'],
  ['dump_enabled'],
  ['hash_algorithm', 'murmur3'],
  ['lru_maintainer_thread', 'yes'],
  ['lru_segmented', 'yes'],
  ['hot_lru_pct', '20'],
  ['warm_lru_pct', '40'],
  ['hot_max_factor', '0.20'],
  ['warm_max_factor', '2.00'],
  ['temp_lru'],
  ['temporary_ttl'],
  ['idle_timeout'],
  ['watcher_logbuf_size'],
  ['worker_logbuf_size'],
  ['read_buf_mem_limit'],
  ['track_sizes', 'no'],
  ['inline_ascii_response', 'no'],
  ['ssl_enabled'],
  ['ssl_chain_cert', '(null)'],
  ['ssl_key', '(null)'],
  ['ssl_verify_mode'],
  ['ssl_keyformat'],
  ['ssl_ciphers'],
  ['ssl_ca_cert'],
  ['ssl_wbuf_size'],
  ['ssl_session_cache'],
  ['ssl_kernel_tls', 'no'],
  ['ssl_min_version'],
  ['num_napi_ids', '0'],
  ['memory_file'],
  ['client_flags_size', '4'],
]
