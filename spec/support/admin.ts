import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, type StartOptions } from '../../lib/index.js'
import { Connection } from './connection.js'

export const TOKEN = 'a-token-of-the-specs'

export interface HttpReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  readonly text: string
}

export interface AdminRequest {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}

/** A server in this process with an admin listener, and a client of it that sends paths and headers as they are given. */
export class AdminServer {
  readonly server: Server
  private readonly folder: string
  readonly tokenFile: string

  private constructor(server: Server, folder: string, tokenFile: string) {
    this.server = server
    this.folder = folder
    this.tokenFile = tokenFile
  }

  static async start({ hasToken = false, ...options }: StartOptions & { hasToken?: boolean } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-admin-'))
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, `${TOKEN}\n`)
    const token = hasToken ? { adminTokenFile: tokenFile } : {}
    const server = await Server.start({ port: 0, admin: '127.0.0.1:0', ...token, ...options })
    return new AdminServer(server, folder, tokenFile)
  }

  get port(): number {
    return Number(new URL(this.server.adminUri!).port)
  }

  /** A connection to the cache itself. */
  connect(): Promise<Connection> {
    return Connection.open({ host: '127.0.0.1', port: this.server.port })
  }

  send(path: string, { method = 'GET', headers = {}, body }: AdminRequest = {}): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: this.port, path, method, headers, agent: false })
      request.on('error', reject)
      request.on('response', (response) => {
        const pieces: Buffer[] = []
        response.on('error', reject)
        response.on('data', (piece: Buffer) => pieces.push(piece))
        response.on('end', () => {
          const all = Buffer.concat(pieces)
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            body: all,
            text: all.toString(),
          })
        })
      })
      request.end(body)
    })
  }

  /** As `send`, with the token. */
  sendWithToken(path: string, { headers = {}, ...rest }: AdminRequest = {}): Promise<HttpReply> {
    return this.send(path, { ...rest, headers: { authorization: `Bearer ${TOKEN}`, ...headers } })
  }

  /** All that the listener sends to these bytes, until it closes the connection. */
  sendBytes(bytes: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = ''
      const socket = connect(this.port, '127.0.0.1', () => socket.write(bytes))
      socket.setEncoding('latin1')
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('error', reject)
      socket.on('close', () => resolve(text))
    })
  }

  /** Sends a text and this many bytes of a body, and goes away once they have arrived. */
  async sendPart(head: string, bodyLength: number): Promise<void> {
    const socket = connect(this.port, '127.0.0.1')
    socket.on('error', () => undefined)
    socket.write(head)
    await new Promise((resolve) => socket.write(Buffer.alloc(bodyLength), resolve))
    socket.destroy()
  }

  async stop(): Promise<void> {
    await this.server.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** For all the specs of a suite. */
export function useAdmin(options: Parameters<typeof AdminServer.start>[0] = {}): () => AdminServer {
  let admin: AdminServer | undefined
  before(async () => {
    admin = await AdminServer.start(options)
  })
  after(() => admin?.stop())
  return () => admin!
}

/** The sentence of a refusal. */
export const errorOf = ({ text }: HttpReply): string => JSON.parse(text).error
