import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admin } from '../admin.js'
import type { Parameters } from './parameters.js'

/** A request to the admin listener, and its response. */
export interface Exchange {
  readonly admin: Admin
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly parameters: Parameters
  /** The part of the path behind that of the route, as it was sent. */
  readonly rest: string
}

export function sendJson({ response }: Pick<Exchange, 'response'>, value: unknown, status = 200): void {
  sendText({ response }, `${JSON.stringify(value)}\n`, 'application/json', status)
}

export function sendText(
  { response }: Pick<Exchange, 'response'>,
  text: string,
  type = 'text/plain; charset=utf-8',
  status = 200,
): void {
  const body = Buffer.from(text)
  response.writeHead(status, { 'content-type': type, 'content-length': body.length })
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
