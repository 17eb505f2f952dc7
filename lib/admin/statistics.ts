import type { Exchange } from './http/exchange.js'
import { sendJson } from './http/exchange.js'

/** All groups of statistics, by the names of memcached. Values are text, as in the protocol. */
export function statistics(exchange: Exchange): void {
  const { access } = exchange.admin
  const groups = GROUPS.flatMap(([name, group]) => {
    const lines = access.statistics(group)
    return lines === undefined ? [] : [[name, Object.fromEntries(lines)]]
  })
  sendJson(exchange, Object.fromEntries(groups))
}

const GROUPS: readonly (readonly [name: string, group: string])[] = [
  ['general', ''],
  ['settings', 'settings'],
  ['items', 'items'],
  ['slabs', 'slabs'],
  ['sizes', 'sizes'],
  ['conns', 'conns'],
  ['detail', 'detail dump'],
  ['journal', 'journal'],
]
