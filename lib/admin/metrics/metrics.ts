import type { Admin } from '../admin.js'
import { type Exchange, sendText } from '../http/exchange.js'
import { COUNTER_METRICS } from './counter-metrics.js'
import { Exposition } from './exposition.js'
import { GATEWAY_METRICS } from './gateway-metrics.js'
import { INSIGHT_METRICS } from './insight-metrics.js'
import { JOURNAL_METRICS, journalSamples } from './journal-metrics.js'
import { type Groups, MEMCACHED_METRICS } from './memcached-metrics.js'
import { OWN_METRICS } from './own-metrics.js'

/** All metrics, for Prometheus. */
export function metrics(exchange: Exchange): void {
  sendText(exchange, expose(exchange.admin), Exposition.contentType)
}

function expose(admin: Admin): string {
  const exposition = new Exposition()
  const groups: Groups = {
    general: linesOf(admin, ''),
    settings: linesOf(admin, 'settings'),
    items: linesOf(admin, 'items', /^items:1:/),
    slabs: linesOf(admin, 'slabs', /^1:/),
  }
  for (const [head, read] of MEMCACHED_METRICS) exposition.add(head, read(groups))
  for (const [head, read] of [...OWN_METRICS, ...INSIGHT_METRICS, ...COUNTER_METRICS, ...GATEWAY_METRICS])
    exposition.add(head, read(admin))
  const journal = linesOf(admin, 'journal')
  for (const [head, line, read] of JOURNAL_METRICS) exposition.add(head, journalSamples(journal, line, read))
  return exposition.text
}

/** The lines of a group, without the beginning of their names. */
function linesOf({ access }: Admin, group: string, beginning = /^/): Map<string, string> {
  const lines = access.statistics(group) ?? []
  return new Map(lines.map(([name, value]) => [name.replace(beginning, ''), value]))
}
