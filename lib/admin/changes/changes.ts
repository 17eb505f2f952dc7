import { CHOSEN_NAMES, type ChosenName } from '../../feed/change.js'
import type { SubscriptionOptions } from '../../feed/changes-options.js'
import { type Feed, Standing } from '../../feed/feed.js'
import type { ChangeForm } from '../../feed/forms/change-form.js'
import type { Subscription } from '../../feed/subscriptions/subscription.js'
import { ADMIN_HEARTBEAT_SECONDS_MAX, PREFIX_LENGTH_MAX } from '../../request/limits.js'
import { type Exchange, sendJson } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'
import type { Parameters } from '../http/parameters.js'
import { poll } from './poll.js'
import { NDJSON, SSE, stream } from './stream.js'

export const CHANGES_PARAMETERS: readonly string[] = [
  'prefix',
  'since',
  'feed',
  'initial',
  'values',
  'kinds',
  'heartbeat',
  'limit',
  'wait',
]

/** The changes of items, as they happen: see lib/feed. */
export function changes(exchange: Exchange): void | Promise<void> {
  const { parameters, request } = exchange
  const { feed } = exchange.admin.access
  if (feed === undefined) throw new HttpError(404, 'changes are off (--changes)')
  const form = parameters.text('feed') ?? 'poll'
  if (form !== 'poll' && form !== 'ndjson' && form !== 'sse')
    throw new HttpError(400, 'feed: give poll, ndjson or sse')
  const options = optionsIn(exchange)
  const standing = options.since === undefined ? Standing.USABLE : feed.standingOf(options.since)
  if (standing === Standing.MALFORMED) throw new HttpError(400, 'since: it is no position')
  // Whoever lists the items anew needs no position.
  if (standing !== Standing.USABLE && options.initial !== true) return refuseGone(exchange, feed)
  const streamForm = form === 'poll' ? undefined : form === 'sse' ? SSE : NDJSON
  const read = streamForm === undefined ? poll(parameters) : stream(streamForm)
  if (request.method === 'HEAD') return void exchange.response.end()
  return read(exchange, subscribe(exchange, feed, options, streamForm))
}

/** The subscription ends with the response, however that ends. */
function subscribe(
  { admin, response }: Exchange,
  feed: Feed,
  options: SubscriptionOptions,
  form: ChangeForm | undefined,
): Subscription {
  const subscription = feed.subscribe(options, form)
  if (subscription === undefined) throw new HttpError(429, 'too many subscribers')
  const end = (): void => subscription.onEnd()
  admin.streams.add(end)
  response.once('close', () => {
    admin.streams.delete(end)
    subscription.close()
  })
  return subscription
}

function optionsIn({ parameters, request }: Exchange): SubscriptionOptions {
  const prefix = parameters.bytes('prefix')
  if (prefix !== undefined && prefix.length > PREFIX_LENGTH_MAX)
    throw new HttpError(400, `prefix: no key is longer than ${PREFIX_LENGTH_MAX} bytes`)
  // A browser that connects again sends what it has received last.
  const lastId = request.headers['last-event-id']
  return {
    prefix,
    since: lastId === undefined || lastId === '' ? parameters.text('since') : String(lastId),
    initial: parameters.flag('initial'),
    values: parameters.flag('values'),
    kinds: kindsIn(parameters),
    heartbeatSeconds: parameters.integer('heartbeat', {
      min: 1,
      max: ADMIN_HEARTBEAT_SECONDS_MAX,
      default: HEARTBEAT_SECONDS,
    }),
  }
}

function kindsIn(parameters: Parameters): readonly ChosenName[] | undefined {
  const names = parameters.text('kinds')?.split(',')
  if (names === undefined) return undefined
  const known: readonly string[] = CHOSEN_NAMES
  if (!names.every((name) => known.includes(name)))
    throw new HttpError(400, `kinds: give some of ${CHOSEN_NAMES.join(',')}`)
  return names as ChosenName[]
}

/** What has happened since is not known any more. */
function refuseGone(exchange: Exchange, feed: Feed): void {
  const error = 'since: changes after this position are not there any more; list the items again'
  sendJson(exchange, { error, oldest: feed.oldestPosition }, 410)
}

const HEARTBEAT_SECONDS = 15
