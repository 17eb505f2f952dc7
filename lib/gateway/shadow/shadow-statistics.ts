import { Counter, type CounterName, type Counters } from '../../metrics/counters.js'
import type { Statistic } from '../../request/reply.js'

/** `stats gateway` of a server with a shadow. */
export const shadowStatistics = (counters: Counters): Statistic[] =>
  NAMES.map((name) => [name.replace('gateway_', ''), String(counters.read(Counter[name]))])

const NAMES: readonly CounterName[] = [
  'gateway_shadow_lists',
  'gateway_shadow_changes',
  'gateway_shadow_retries',
  'gateway_shadow_refused',
  'gateway_shadow_lost',
  'gateway_shadow_forgotten',
  'gateway_shadow_compared',
  'gateway_shadow_differences',
  'gateway_redirections',
  'gateway_retries',
  'gateway_timeouts',
]
