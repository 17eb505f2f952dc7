import { ADMIN_VALUE_LENGTH_MAX, WAIT_SECONDS_MAX } from '../../request/limits.js'
import { Status } from '../../request/status.js'
import type { LocalReply } from '../../server/workers/local-requests.js'
import type { Exchange } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'
import { withBody } from '../http/read-body.js'
import { boundReading } from '../http/slow-readers.js'
import { casHeaders, conditionIn, flagsIn, itemHeaders, ttlIn } from './item-headers.js'
import { keyIn } from './key.js'
import { hasHappened, type Wait, waitForItem } from './wait-for-item.js'

/** The value of an item as it is; what belongs to it is in headers. Counts as a get. */
export async function getItem(exchange: Exchange): Promise<void> {
  const { admin, request, response, rest } = exchange
  const { access, values } = admin
  const isHead = request.method === 'HEAD'
  const key = keyIn(rest)
  const wait = waitIn(exchange)
  const valueLengthMax = isHead ? -1 : ADMIN_VALUE_LENGTH_MAX
  const get = (): Promise<LocalReply> => access.execute({ kind: 'get', key, valueLengthMax })
  const reply = wait === undefined ? await get() : await waitForItem(exchange, key, wait, get)
  if (reply.status === Status.OK && wait !== undefined && !hasHappened(reply, wait.after))
    return void response.writeHead(304, casHeaders(reply.cas)).end()
  refuseUnlessOk(reply.status)
  if (!isHead && reply.value === undefined)
    throw new HttpError(413, `the value is too long for HTTP: ${ADMIN_VALUE_LENGTH_MAX} bytes are the most`)
  if (!isHead && !values.take(reply.size)) throw tooMany()
  if (!isHead) response.once('close', () => values.give(reply.size))
  boundReading(response)
  // Never a type that a browser would show: the value may have come from anybody.
  const type = { 'content-type': 'application/octet-stream', 'content-length': reply.size }
  response.writeHead(200, { ...type, ...itemHeaders(reply) })
  response.end(reply.value)
}

/** `after`, the cas that the client has, and `wait`, the seconds for another one. */
function waitIn({ admin, parameters }: Exchange): Wait | undefined {
  const { feed, options } = admin.access
  const text = parameters.text('after')
  const seconds = parameters.integer('wait', { min: 0, max: WAIT_SECONDS_MAX, default: 0 })
  if (text === undefined) {
    if (parameters.text('wait') !== undefined) throw new HttpError(400, 'wait: give after, too')
    return undefined
  }
  if (!/^\d{1,20}$/.test(text)) throw new HttpError(400, 'after: give a cas, or 0')
  if (!options.casEnabled) throw new HttpError(400, 'after: items have no cas here (-C)')
  if (feed === undefined) throw new HttpError(404, 'changes are off (--changes)')
  return { feed, after: BigInt(text), deadlineMs: performance.now() + seconds * 1000 }
}

/** Stores the body as it is. */
export async function putItem({ admin, request, response, rest }: Exchange): Promise<void> {
  const { access, values } = admin
  const key = keyIn(rest)
  const { headers } = request
  const terms = {
    flags: flagsIn(headers),
    ttl: ttlIn(headers),
    ...conditionIn(headers, access.options.casEnabled),
  }
  await withBody(request, { lengthMax: ADMIN_VALUE_LENGTH_MAX, budget: values }, async (value) => {
    const { status, cas } = await access.execute({ key, value, ...terms })
    if (status === Status.EXISTS && terms.kind === 'add')
      throw new HttpError(412, 'If-None-Match: there is an item with this key')
    refuseUnlessOk(status)
    response.writeHead(204, casHeaders(cas)).end()
  })
}

export async function deleteItem({ admin, request, response, rest }: Exchange): Promise<void> {
  const { access } = admin
  const { kind, cas } = conditionIn(request.headers, access.options.casEnabled)
  if (kind === 'add') throw new HttpError(400, 'If-None-Match: only PUT has it')
  const { status } = await access.execute({ kind: 'delete', key: keyIn(rest), cas })
  refuseUnlessOk(status)
  response.writeHead(204).end()
}

function refuseUnlessOk(status: Status): void {
  if (status === Status.OK) return
  const [code, sentence] = REFUSALS[status] ?? [500, 'the request has met a defect of the server']
  throw new HttpError(code, sentence)
}

const REFUSALS: Readonly<Partial<Record<Status, readonly [code: number, sentence: string]>>> = {
  [Status.NOT_FOUND]: [404, 'there is no item with this key'],
  [Status.EXISTS]: [412, 'If-Match: the item has another cas'],
  [Status.TOO_LARGE]: [413, 'the item would be larger than -I allows'],
  [Status.OUT_OF_MEMORY]: [503, 'there is no memory for it'],
  [Status.TEMPORARY_FAILURE]: [503, 'the disk takes no changes: see /v1/stats, journal'],
}

const tooMany = (): HttpError => new HttpError(429, 'too many bytes of values are on their way; try again')
