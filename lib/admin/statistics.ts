import { type Exchange, sendJson } from './http/exchange.js'
import { Slices } from './slices.js'

/** All groups of statistics, by the names of memcached. Values are text, as in the protocol. */
export async function statistics(exchange: Exchange): Promise<void> {
  const { access } = exchange.admin
  const slices = new Slices()
  const groups: Record<string, Record<string, string>> = {}
  for (const [name, group] of GROUPS) {
    const lines = access.statistics(group)
    if (lines !== undefined) groups[name] = Object.fromEntries(lines)
    if (slices.isOver) await slices.pause()
  }
  sendJson(exchange, groups)
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
