import { type Exchange, sendJson } from './http/exchange.js'
import { HttpError } from './http/http-error.js'

/** Whether the process answers at all. */
export function healthz(exchange: Exchange): void {
  sendJson(exchange, { status: 'ok' })
}

/** Whether clients should be sent here: the items are recovered, workers serve, and the disk takes changes. */
export function readyz(exchange: Exchange): void {
  const { isServing, isTaking } = exchange.admin.access
  if (!isServing) throw new HttpError(503, 'the server is starting or stopping')
  if (!isTaking) throw new HttpError(503, 'the disk takes no changes: see /v1/stats, journal')
  sendJson(exchange, { status: 'ready' })
}
