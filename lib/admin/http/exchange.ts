import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Admin } from '../admin.js'
import { HttpError } from './http-error.js'
import type { Parameters } from './parameters.js'
import { boundReading } from './slow-readers.js'

/** A request to the admin listener, and its response. */
export interface Exchange {
  readonly admin: Admin
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly parameters: Parameters
  /** The part of the path behind that of the route, as it was sent. */
  readonly rest: string
}

type Answered = Pick<Exchange, 'admin' | 'response'>

export function sendJson(exchange: Answered, value: unknown, status = 200): void {
  sendText(exchange, `${JSON.stringify(value)}\n`, 'application/json', status)
}

export function sendText(
  exchange: Answered,
  text: string,
  type = 'text/plain; charset=utf-8',
  status = 200,
): void {
  sendBody(exchange, Buffer.from(text), { 'content-type': type }, status)
}

export function sendBody(
  { admin, response }: Answered,
  body: Buffer,
  headers: OutgoingHttpHeaders,
  status = 200,
): void {
  // A refusal is short, and must not be refused itself.
  if (body.length > REFUSAL_LENGTH_MAX) {
    if (!admin.responses.take(body.length))
      throw new HttpError(429, 'too many bytes of responses are on their way; try again')
    response.once('close', () => admin.responses.give(body.length))
  }
  boundReading(response)
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.end(body)
}

export function acceptsGzip({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(String(headers['accept-encoding'] ?? ''))
}

/** In every response: what is shown is of this moment, is no page, and must not be taken for one. */
export const COMMON_HEADERS: readonly (readonly [string, string])[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['content-security-policy', "default-src 'none'; sandbox"],
]

const REFUSAL_LENGTH_MAX = 4096
