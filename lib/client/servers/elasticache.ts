/**
 * Auto discovery of Amazon ElastiCache: a configuration endpoint, which speaks text, says which nodes the cluster has.
 *
 *     ▶ config get cluster
 *     ◀ CONFIG cluster 0 LENGTH
 *     ◀ VERSION                                        a number, larger after each change
 *     ◀ HOST|ADDRESS|PORT HOST|ADDRESS|PORT …          the address may be empty
 *     ◀
 *     ◀ END
 *
 * Before version 1.4.14 the endpoint knew only `get AmazonElastiCache:cluster`, with VALUE in place of CONFIG.
 */
import { isIP, connect as netConnect } from 'node:net'
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls'
import { ClientError } from '../client-error.js'
import { isPort, type ServerAddress, serverAt } from './server-address.js'

export interface EndpointOptions {
  readonly host: string
  readonly port: number
  /** Undefined: without TLS. The nodes are then reached with TLS, too. */
  readonly tls?: ConnectionOptions | undefined
}

interface Configuration {
  readonly version: number
  readonly servers: readonly ServerAddress[]
}

const QUESTION = 'config get cluster\r\n'
const OLD_QUESTION = 'get AmazonElastiCache:cluster\r\n'
/** A cluster has up to 60 nodes of some 150 bytes. */
const REPLY_LENGTH_MAX = 64 * 1024

const WHOLE_REPLY = /^(?:(?:CONFIG|VALUE) \S+ \d+ \d+\r?\n(\d+)\r?\n(.*?)\r?\n\r?\nEND\r?\n|END\r?\n)/s
const REFUSAL = /^(?:ERROR|CLIENT_ERROR|SERVER_ERROR)[^\n]*\n/

export class ElastiCacheEndpoint {
  private readonly endpoint: EndpointOptions
  private last: Configuration | undefined
  private olderVersion = -1

  constructor(endpoint: EndpointOptions) {
    this.endpoint = endpoint
  }

  /**
   * The endpoint is any of the nodes, and one may lag behind the others: a version older than the last is ignored. If the next answer
   * repeats it, the cluster was made anew, and it counts.
   */
  async load(signal: AbortSignal): Promise<readonly ServerAddress[]> {
    const { last, olderVersion } = this
    const next = await this.ask(signal)
    if (last !== undefined && next.version < last.version && next.version !== olderVersion) {
      this.olderVersion = next.version
      return last.servers
    }
    this.olderVersion = -1
    this.last = next
    return next.servers
  }

  private async ask(signal: AbortSignal): Promise<Configuration> {
    const reply = await askEndpoint(this.endpoint, QUESTION, signal)
    const isTooOld = REFUSAL.test(reply)
    return this.parse(isTooOld ? await askEndpoint(this.endpoint, OLD_QUESTION, signal) : reply)
  }

  private parse(reply: string): Configuration {
    const [, version, nodes] = WHOLE_REPLY.exec(reply) ?? []
    if (version === undefined) throw badReply(reply)
    const servers = nodes!.split(' ').map((node) => {
      const [, host, address, port] = /^([^|]*)\|([^|]*)\|(\d{1,5})$/.exec(node) ?? []
      const place = host || address
      if (!place || !isPort(Number(port))) throw badReply(reply)
      return serverAt(place, Number(port), this.endpoint.tls === undefined ? {} : { tls: true })
    })
    return { version: Number(version), servers }
  }
}

const badReply = (reply: string): ClientError =>
  new ClientError('PROTOCOL', `not the configuration of a cluster: ${JSON.stringify(reply.slice(0, 100))}`)

/** Asks over a connection of its own, which is closed afterwards: the next question comes a minute later. */
function askEndpoint(
  { host, port, tls }: EndpointOptions,
  question: string,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket =
      tls === undefined
        ? netConnect({ host, port })
        : tlsConnect({ ...serverNameOf(host), ...tls, host, port })
    const abort = (): void => void socket.destroy(new ClientError('ABORTED', 'the question was given up'))
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    let reply = ''
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      reply += text
      if (WHOLE_REPLY.test(reply) || REFUSAL.test(reply)) resolve(reply)
      else if (reply.length > REPLY_LENGTH_MAX) reject(badReply(reply))
      else return
      socket.destroy()
    })
    socket.on('error', reject)
    socket.on('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new ClientError('CONNECTION', 'the configuration endpoint closed the connection'))
    })
    socket.write(question)
  })
}

/** TLS sends names, but no addresses. */
const serverNameOf = (host: string): ConnectionOptions => (isIP(host) === 0 ? { servername: host } : {})
