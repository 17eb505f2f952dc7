import { CHANGES_PARAMETERS, changes } from './changes/changes.js'
import { cpuProfile, HEAP_PARAMETERS, heapSnapshot, PROFILE_PARAMETERS } from './debug/profiles.js'
import { healthz, readyz } from './health.js'
import { HISTORY_PARAMETERS, history } from './history/history-route.js'
import type { Route } from './http/route.js'
import { HOT_KEYS_PARAMETERS, hotKeys } from './insight/hot-keys.js'
import { latency } from './insight/latency.js'
import { flushPrefix } from './items/flush-prefix.js'
import { deleteItem, getItem, putItem } from './items/item-routes.js'
import { LIST_PARAMETERS, listItems } from './items/list-items.js'
import { metrics } from './metrics/metrics.js'
import { page, pageFile } from './page.js'
import { statistics } from './statistics.js'

/** Everything that the admin listener answers. No other path is served. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/', parameters: [], isOpen: true, isEarly: true, answer: page },
  { method: 'GET', path: '/page/', parameters: [], isOpen: true, isEarly: true, answer: pageFile },
  { method: 'GET', path: '/healthz', parameters: [], isOpen: true, isEarly: true, answer: healthz },
  { method: 'GET', path: '/readyz', parameters: [], isOpen: true, isEarly: true, answer: readyz },
  { method: 'GET', path: '/metrics', parameters: [], isEarly: true, answer: metrics },
  { method: 'GET', path: '/v1/stats', parameters: [], isEarly: true, answer: statistics },
  { method: 'GET', path: '/v1/latency', parameters: [], isEarly: true, answer: latency },
  { method: 'GET', path: '/v1/hotkeys', parameters: HOT_KEYS_PARAMETERS, isEarly: true, answer: hotKeys },
  { method: 'GET', path: '/v1/history', parameters: HISTORY_PARAMETERS, answer: history },
  { method: 'GET', path: '/v1/changes', parameters: CHANGES_PARAMETERS, answer: changes },
  { method: 'GET', path: '/v1/items', parameters: LIST_PARAMETERS, answer: listItems },
  { method: 'DELETE', path: '/v1/items', parameters: ['prefix'], writes: true, answer: flushPrefix },
  { method: 'GET', path: '/v1/items/', parameters: ['after', 'wait'], answer: getItem },
  { method: 'PUT', path: '/v1/items/', parameters: [], writes: true, answer: putItem },
  { method: 'DELETE', path: '/v1/items/', parameters: [], writes: true, answer: deleteItem },
  {
    method: 'GET',
    path: '/debug/profile',
    parameters: PROFILE_PARAMETERS,
    isSecret: true,
    answer: cpuProfile,
  },
  { method: 'GET', path: '/debug/heap', parameters: HEAP_PARAMETERS, isSecret: true, answer: heapSnapshot },
]
