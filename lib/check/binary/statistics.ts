import type { ReplyFrame } from '../../protocol/index.js'
import { type Check, rowsOf } from '../check-row.js'
import { ask, exchange, type Judge, judged, refused } from '../run/binary-steps.js'

const row = rowsOf('binary.statistics')

/** Statistics that exporters, dashboards and clients read. */
const NAMES = [
  'pid uptime time version pointer_size curr_connections total_connections cmd_get cmd_set cmd_flush cmd_touch',
  'get_hits get_misses delete_hits delete_misses incr_hits incr_misses decr_hits decr_misses cas_hits cas_misses',
  'cas_badval touch_hits touch_misses auth_cmds auth_errors bytes_read bytes_written limit_maxbytes threads bytes',
  'curr_items total_items evictions reclaimed',
].flatMap((line) => line.split(' '))

const SETTINGS =
  'maxbytes maxconns tcpport evictions cas_enabled item_size_max num_threads binding_protocol'.split(' ')

/** Each statistic is a reply with a key and a value; one with neither is the last. */
function listing(names: readonly string[]): Judge['complaint'] {
  return (replies) => {
    const last = replies.at(-1)
    if (last === undefined || last.key.length > 0 || last.value.length > 0)
      return 'the last reply is not empty'
    const statistics = replies.slice(0, -1)
    const wrong = statistics.find((reply) => reply.status !== 0 || reply.key.length === 0 || isMore(reply))
    if (wrong !== undefined) return `${wrong.key} is not a statistic`
    const told = new Set(statistics.map(({ key }) => `${key}`))
    const missing = names.filter((name) => !told.has(name))
    return missing.length === 0 ? undefined : `without ${missing.join(', ')}`
  }
}

const isMore = ({ extras, cas }: ReplyFrame): boolean => extras.length > 0 || cas !== 0n

export const STATISTICS: readonly Check[] = [
  row(
    'general',
    'STAT sends a reply for each statistic and an empty one at the end, all with the opaque of the request',
    [judged(ask('stat'), 'replies with key and value, the last one empty', listing(NAMES))],
  ),
  row('settings', 'STAT settings returns the settings', [
    judged(ask('stat', { key: { raw: 'settings' } }), 'the settings', listing(SETTINGS)),
  ]),
  row('items', 'STAT items ends with an empty reply', [
    judged(
      ask('stat', { key: { raw: 'items' } }),
      'replies with key and value, the last one empty',
      listing([]),
    ),
  ]),
  row('slabs', 'STAT slabs ends with an empty reply', [
    judged(
      ask('stat', { key: { raw: 'slabs' } }),
      'replies with key and value, the last one empty',
      listing([]),
    ),
  ]),
  row('unknown-group', 'STAT of an unknown group is NOT_FOUND', [
    exchange(ask('stat', { key: { raw: 'no-such-group' } }), refused('stat', 'NOT_FOUND')),
  ]),
  row('numbers', 'Counts are decimal digits', [
    judged(ask('stat'), 'curr_items, cmd_get and bytes in digits', (replies) => {
      const wrong = replies.find(({ key, value }) => COUNTS.has(`${key}`) && !/^\d+$/.test(`${value}`))
      return wrong === undefined ? undefined : `${wrong.key} is ${wrong.value}`
    }),
  ]),
]

const COUNTS: ReadonlySet<string> = new Set(['curr_items', 'cmd_get', 'bytes', 'uptime', 'limit_maxbytes'])
