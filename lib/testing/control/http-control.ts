import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { Controls } from '../serving/controls.js'
import { findRoute, isPath } from './http-routes.js'

/** The control of a test server by HTTP, for tests in any language. */
export interface HttpControl {
  readonly port: number
  close(): void
}

/**
 * Listens. A reply is JSON; an error is `{ "error": "…" }` with the message of the error in JavaScript. Requests that a web page
 * could have sent are refused: a page in a browser must not control tests on the same machine (cross-site requests).
 */
export async function startHttpControl(
  controls: Controls,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<HttpControl> {
  const server: Server = createServer((request, response) => void respond(controls, request, response))
  server.listen({ host, port })
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function respond(
  controls: Controls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { status, body } = await answerTo(controls, request)
  const text = body === undefined ? '' : `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    // The rest of a body that is too long is not read.
    ...(status === 413 && { connection: 'close' }),
  })
  response.end(text)
}

interface Answer {
  readonly status: number
  readonly body: unknown
}

async function answerTo(controls: Controls, request: IncomingMessage): Promise<Answer> {
  if (isFromPage(request)) return failure(403, 'requests of web pages are refused')
  const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://localhost')
  const found = findRoute(request.method ?? '', pathname)
  if (found === undefined)
    return isPath(pathname)
      ? failure(405, `${request.method}: no such method of ${pathname}`)
      : failure(404, `${pathname}: there is no such path`)
  try {
    const body = await bodyOf(request)
    const result = await found.route(controls, { body, query, rest: found.rest })
    return result === undefined ? { status: 204, body: undefined } : { status: 200, body: result }
  } catch (error) {
    if (error === TOO_LONG) return failure(413, `the body has more than ${BODY_LENGTH_MAX} bytes`)
    return failure(400, (error as Error).message)
  }
}

const failure = (status: number, error: string): Answer => ({ status, body: { error } })

/** Browsers name where a page comes from; and a page whose name leads here by a trick (DNS rebinding) sends that name. */
function isFromPage({ headers: { origin, host = '' } }: IncomingMessage): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')
  return origin !== undefined || (isIP(name) === 0 && name !== 'localhost' && name.includes('.'))
}

const BODY_LENGTH_MAX = 64 * 1024 * 1024
const TOO_LONG = new Error('the body is too long')

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > BODY_LENGTH_MAX) throw TOO_LONG
    chunks.push(chunk)
  }
  if (length === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch (error) {
    throw new TypeError(`body: ${(error as Error).message}`)
  }
}
