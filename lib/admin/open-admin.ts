import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ADMIN_HEADERS_LENGTH_MAX,
  ADMIN_HEADERS_MS_MAX,
  ADMIN_REQUEST_MS_MAX,
  ADMIN_SILENCE_MS_MAX,
} from '../request/limits.js'
import type { AdminAccess, AdminListener, AdminPlace, OpenAdmin } from '../server/admin-access.js'
import { Admin } from './admin.js'
import { dispatcher } from './http/dispatch.js'
import type { Route } from './http/route.js'
import { ROUTES } from './routes.js'

/** Opens the admin listener of a server: HTTP in the thread that accepts connections. */
export const openAdmin: OpenAdmin = (access, place) =>
  openListener(access, place, { others: [], isPublic: false })

export interface ListenerExtras {
  /** Routes beside those of the table. */
  readonly others: readonly Route[]
  /** Whether other machines may connect without a token. */
  readonly isPublic: boolean
}

/** The same, for a server that has more to answer. */
export async function openListener(
  access: AdminAccess,
  { host, port, connectionCountMax, isToken }: AdminPlace,
  { others, isPublic }: ListenerExtras,
): Promise<AdminListener> {
  const admin = new Admin(access)
  const guard = { isToken, isPublic, mayWrite: access.options.adminWrite }
  const answer = dispatcher(admin, [...ROUTES, ...others], guard)
  const server = createServer(LIMITS, answer)
  server.maxConnections = connectionCountMax
  server.setTimeout(ADMIN_SILENCE_MS_MAX)
  server.on('clientError', refuseMalformed)
  server.on('checkExpectation', answer)
  server.listen(port, host === '*' ? undefined : host)
  try {
    await once(server, 'listening')
  } catch (error) {
    admin.close()
    throw error
  }
  return new HttpListener(server, admin)
}

const LIMITS = {
  maxHeaderSize: ADMIN_HEADERS_LENGTH_MAX,
  headersTimeout: ADMIN_HEADERS_MS_MAX,
  requestTimeout: ADMIN_REQUEST_MS_MAX,
  connectionsCheckingInterval: 1000,
  // A client that vanishes while it waits is noticed.
  keepAlive: true,
  keepAliveInitialDelay: 30_000,
}

class HttpListener implements AdminListener {
  readonly address: string
  private readonly server: Server
  private readonly admin: Admin

  constructor(server: Server, admin: Admin) {
    const { address, family, port } = server.address() as AddressInfo
    this.address = family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`
    this.server = server
    this.admin = admin
  }

  keepAlive(act: 'ref' | 'unref'): void {
    this.server[act]()
  }

  /** Responses that are on their way have a short time to arrive. */
  async close(): Promise<void> {
    const { server, admin } = this
    admin.close()
    const closed = once(server, 'close')
    server.close()
    server.closeIdleConnections()
    const isOver = closed.then(() => true)
    await Promise.race([isOver, sleep(END_MS_MAX, undefined, { ref: false })])
    server.closeAllConnections()
    await closed
  }
}

/** What cannot be read as a request, is too long, or came too slowly. */
function refuseMalformed({ code }: NodeJS.ErrnoException, socket: Socket): void {
  const line = STATUS_LINES[code ?? ''] ?? '400 Bad Request'
  if (!socket.writable) return
  const body = `${JSON.stringify({ error: SENTENCES[line] })}\n`
  socket.end(
    `HTTP/1.1 ${line}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
}

const STATUS_LINES: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}
const SENTENCES: Readonly<Record<string, string>> = {
  '400 Bad Request': 'this is no request of HTTP/1.1',
  '431 Request Header Fields Too Large': `the headers are too long: ${ADMIN_HEADERS_LENGTH_MAX} bytes are the most`,
  '408 Request Timeout': 'the request came too slowly',
}
const END_MS_MAX = 200
