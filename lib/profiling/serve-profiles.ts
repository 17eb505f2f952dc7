import { timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getHeapSnapshot } from 'node:v8'
import { PROFILE_SECONDS, takeCpuProfile } from './cpu-profile.js'
import { sendCpuProfile, sendHeapSnapshot, untilGone } from './send-profile.js'

export interface ProfileOptions {
  /** Default: 0, any free port. */
  readonly port?: number
  /** An address. Default: 127.0.0.1. Beyond loopback a token is required. */
  readonly host?: string
  /** What clients must send as `Authorization: Bearer TOKEN`; 16 to 1024 visible ASCII characters. */
  readonly token?: string
}

/**
 * Serves profiles of this process over HTTP: `/debug/profile?seconds=` is a CPU profile of the calling thread, `/debug/heap`
 * a heap snapshot. None of it keeps the process alive: neither the listener, nor a connection, nor a profile being taken.
 *
 * ```js
 * const profiles = await serveProfiles({ port: 9160 })
 * // keepcached profile 127.0.0.1:9160 > slow.cpuprofile
 * await profiles.close()
 * ```
 */
export async function serveProfiles(options: ProfileOptions = {}): Promise<ProfileServer> {
  refuseUnknown(options)
  const { port = 0, host = '127.0.0.1', token } = options
  if (token === undefined && !LOOPBACK_ADDRESS.test(host))
    throw new RangeError(`host: beyond loopback (${host}) a token is required`)
  if (token !== undefined && !TOKEN.test(token))
    throw new RangeError('token: give 16 to 1024 visible ASCII characters')
  const server = createServer(LIMITS, new ProfileRequests(token).answer)
  server.maxConnections = CONNECTION_COUNT_MAX
  server.on('connection', (socket) => socket.unref())
  server.listen(port, host)
  await once(server, 'listening')
  server.unref()
  return new ProfileServer(server)
}

/** A misspelled option, or a port alone, would have no effect. */
function refuseUnknown(options: unknown): void {
  if (typeof options !== 'object' || options === null) throw new TypeError('options: an object is needed')
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw new TypeError(`${unknown}: there is no such option`)
}

const NAMES: readonly string[] = ['port', 'host', 'token'] satisfies (keyof ProfileOptions)[]

export class ProfileServer implements AsyncDisposable {
  readonly host: string
  readonly port: number
  private readonly server: Server

  constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo
    this.host = address
    this.port = port
    this.server = server
  }

  /** Closes it at once. A profile that is being taken ends. */
  async close(): Promise<void> {
    if (!this.server.listening) return
    const closed = once(this.server, 'close')
    this.server.close()
    this.server.closeAllConnections()
    await closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

class ProfileRequests {
  private readonly token: Buffer | undefined
  private isBusy = false

  constructor(token: string | undefined) {
    this.token = token === undefined ? undefined : Buffer.from(token)
  }

  readonly answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const refusal = this.refusalOf(request)
      if (refusal !== undefined) return refuse(response, ...refusal)
      // The client chooses these bytes: most are no URL, and URL would throw.
      const [path = '', ...query] = (request.url ?? '').split('?')
      const take = ROUTES[path]
      if (take === undefined) return refuse(response, 404, 'there are /debug/profile and /debug/heap')
      if (this.isBusy) return refuse(response, 409, 'a profile is being taken; try again')
      await this.takeAlone(take, response, new URLSearchParams(query.join('?')))
    } catch (error) {
      // A rejection that nobody handles would end the program that is being looked at.
      refuse(response, 500, (error as Error).message)
    }
  }

  private async takeAlone(take: Take, response: ServerResponse, parameters: URLSearchParams): Promise<void> {
    this.isBusy = true
    try {
      await take(response, parameters)
    } finally {
      this.isBusy = false
    }
  }

  /** A page in a browser can send requests to loopback. It cannot send a token, nor hide that it is a page. */
  private refusalOf({ method, headers }: IncomingMessage): [status: number, sentence: string] | undefined {
    if (method !== 'GET') return [405, 'only GET can be used here']
    const { token } = this
    if (token !== undefined) {
      const given = Buffer.from(/^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1] ?? '')
      const isRight = given.length === token.length && timingSafeEqual(given, token)
      return isRight ? undefined : [401, 'Authorization: Bearer and the token is required']
    }
    if (!LOOPBACK_HOST.test(headers.host ?? ''))
      return [403, 'Host: without a token only a loopback name is answered, such as localhost']
    const isPage = headers.origin !== undefined || !/^(?:none)?$/.test(`${headers['sec-fetch-site'] ?? ''}`)
    return isPage ? [403, 'pages in a browser cannot ask for profiles'] : undefined
  }
}

type Take = (response: ServerResponse, parameters: URLSearchParams) => Promise<void> | void

const ROUTES: Readonly<Record<string, Take>> = {
  __proto__: null as never,
  '/debug/profile': async (response, parameters) => {
    const text = parameters.get('seconds') ?? `${PROFILE_SECONDS.default}`
    const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0
    const { min, max } = PROFILE_SECONDS
    if (seconds < min || seconds > max)
      return refuse(response, 400, `seconds: give a number from ${min} to ${max}`)
    const profile = await takeCpuProfile(seconds, untilGone(response).signal)
    if (profile !== undefined) sendCpuProfile(response, profile)
  },
  '/debug/heap': (response) => {
    untilGone(response)
    return sendHeapSnapshot(response, getHeapSnapshot())
  },
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent || response.destroyed) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(`${JSON.stringify({ error: sentence })}\n`)
}

const LIMITS = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1000,
}
const CONNECTION_COUNT_MAX = 16
/** As for the admin listener of a server; a header has no others. */
const TOKEN = /^[!-~]{16,1024}$/
const LOOPBACK_ADDRESS = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i
const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i
