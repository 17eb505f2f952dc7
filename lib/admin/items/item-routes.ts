import { ADMIN_VALUE_LENGTH_MAX } from '../../request/limits.js'
import { Status } from '../../request/status.js'
import type { Exchange } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'
import { readBody } from '../http/read-body.js'
import { casHeaders, casIn, flagsIn, itemHeaders, ttlIn } from './item-headers.js'
import { keyIn } from './key.js'

/** The value of an item as it is; what belongs to it is in headers. Counts as a get. */
export async function getItem({ admin, request, response, rest }: Exchange): Promise<void> {
  const { access, values } = admin
  const isHead = request.method === 'HEAD'
  const valueLengthMax = isHead ? -1 : ADMIN_VALUE_LENGTH_MAX
  const reply = await access.execute({ kind: 'get', key: keyIn(rest), valueLengthMax })
  refuseUnlessOk(reply.status)
  if (!isHead && reply.value === undefined)
    throw new HttpError(413, `the value is too long for HTTP: ${ADMIN_VALUE_LENGTH_MAX} bytes are the most`)
  if (!isHead && !values.take(reply.size)) throw tooMany()
  if (!isHead) response.once('close', () => values.give(reply.size))
  // Never a type that a browser would show: the value may have come from anybody.
  const type = { 'content-type': 'application/octet-stream', 'content-length': reply.size }
  response.writeHead(200, { ...type, ...itemHeaders(reply) })
  response.end(reply.value)
}

/** Stores the body as it is. */
export async function putItem({ admin, request, response, rest }: Exchange): Promise<void> {
  const { access, values } = admin
  const key = keyIn(rest)
  const { headers } = request
  const terms = {
    flags: flagsIn(headers),
    ttl: ttlIn(headers),
    cas: casIn(headers, access.options.casEnabled),
  }
  let taken = 0
  const mayTake = (length: number): boolean => {
    if (!values.take(length)) return false
    taken += length
    return true
  }
  try {
    const value = await readBody(request, ADMIN_VALUE_LENGTH_MAX, mayTake)
    const { status, cas } = await access.execute({ kind: 'set', key, value, ...terms })
    refuseUnlessOk(status)
    response.writeHead(204, casHeaders(cas)).end()
  } finally {
    values.give(taken)
  }
}

export async function deleteItem({ admin, request, response, rest }: Exchange): Promise<void> {
  const { access } = admin
  const cas = casIn(request.headers, access.options.casEnabled)
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
