import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admin } from '../admin.js'
import { COMMON_HEADERS, sendJson } from './exchange.js'
import { checkAccess, checkHost, type GuardOptions } from './guard.js'
import { HttpError } from './http-error.js'
import { Parameters } from './parameters.js'
import { dropBody } from './read-body.js'
import type { Route } from './route.js'
import { boundReading } from './slow-readers.js'
import { Turns } from './turns.js'

/** Finds the route of a request in a table. The body of every error is a sentence. */
export function dispatcher(admin: Admin, routes: readonly Route[], guard: GuardOptions) {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { expect } = request.headers
    if (expect !== undefined && !/^100-continue$/i.test(expect))
      throw new HttpError(417, 'Expect: only 100-continue can be expected')
    const [path, query] = partsOf(request.url ?? '')
    checkHost(request, guard)
    const route = routeFor(routes, request.method ?? '', path)
    checkAccess(request, route, guard)
    if (!admin.access.isServing && route.isEarly !== true)
      throw new HttpError(503, 'the server is starting or stopping')
    const parameters = new Parameters(query, route.parameters)
    await route.answer({ admin, request, response, parameters, rest: path.slice(route.path.length) })
  }
  const turns = new Turns()
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!(await turns.wait(request, response))) return
    for (const [name, value] of COMMON_HEADERS) response.setHeader(name, value)
    try {
      await answer(request, response)
    } catch (error) {
      refuse(admin, request, response, error)
    }
  }
}

function refuse(admin: Admin, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // The client has gone, in the middle of its request or of the response.
  if (request.destroyed && !request.complete) return
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  const isRefusal = error instanceof HttpError
  if (!isRefusal) admin.access.reportDefect(error)
  const { status, message, headers } = isRefusal ? error : DEFECT
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  if (request.complete) sendJson({ admin, response }, { error: message }, status)
  else refuseEarly(request, response, message, status)
}

/** Before the request has arrived: the client may read the response at once, or when it has sent everything. */
function refuseEarly(
  request: IncomingMessage,
  response: ServerResponse,
  error: string,
  status: number,
): void {
  const body = Buffer.from(`${JSON.stringify({ error })}\n`)
  boundReading(response)
  const head = { 'content-type': 'application/json', 'content-length': body.length, connection: 'close' }
  response.writeHead(status, head).write(body)
  void dropBody(request).then(() => response.end())
}

function routeFor(routes: readonly Route[], method: string, path: string): Route {
  const there = routes.filter((route) =>
    route.path !== '/' && route.path.endsWith('/') ? path.startsWith(route.path) : path === route.path,
  )
  if (there.length === 0) throw new HttpError(404, 'there is nothing at this path')
  const wanted = method === 'HEAD' ? 'GET' : method
  const found = there.find((route) => route.method === wanted)
  if (found !== undefined) return found
  const allowed = there.flatMap((route) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]))
  throw new HttpError(405, `only ${allowed.join(', ')} can be used here`, { allow: allowed.join(', ') })
}

function partsOf(url: string): [path: string, query: string] {
  const at = url.indexOf('?')
  return at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at + 1)]
}

const DEFECT = new HttpError(500, 'the request has met a defect of the server; its log has more')
