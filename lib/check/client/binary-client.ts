import {
  encodeFrame,
  FrameError,
  FrameReader,
  REPLY_MAGIC,
  type ReplyFrame,
  type RequestContent,
  request,
  statusName,
} from '../../protocol/index.js'
import { ClientError } from './client-error.js'
import type { Connection, Credentials, Endpoint } from './connection.js'
import { openClient, type Statistic } from './open-client.js'

/** Longer than any item a server may hold. */
const BODY_LENGTH_MAX = 1100 * 1024 * 1024

/** One request at a time over the binary protocol, by the reference codec. */
export class BinaryClient {
  /** For callers that send other bytes than requests. The client does not read ahead. */
  readonly connection: Connection
  private readonly reader = new FrameReader({ bodyLengthMax: BODY_LENGTH_MAX })

  private constructor(connection: Connection) {
    this.connection = connection
  }

  static open(endpoint: Endpoint): Promise<BinaryClient> {
    return openClient(endpoint, (connection) => new BinaryClient(connection))
  }

  async ask(opcode: string, content: RequestContent = {}): Promise<ReplyFrame> {
    this.connection.send(encodeFrame(request(opcode, content)))
    return this.nextReply()
  }

  async version(): Promise<string> {
    return `${expectOk(await this.ask('version')).value}`
  }

  /** The statistics of a group, or undefined if the server does not know the group. */
  async statistics(group: string): Promise<Statistic[] | undefined> {
    const statistics: Statistic[] = []
    let reply = await this.ask('stat', { key: group })
    if (isStatus(reply, 'NOT_FOUND')) return undefined
    while (expectOk(reply).key.length > 0) {
      statistics.push([`${reply.key}`, `${reply.value}`])
      reply = await this.nextReply()
    }
    return statistics
  }

  close(): void {
    this.connection.close()
  }

  /** A server that does not know the command needs no login. */
  async logIn({ user, password }: Credentials): Promise<void> {
    const reply = await this.ask('sasl_auth', { key: 'PLAIN', value: `\0${user}\0${password}` })
    if (isStatus(reply, 'OK') || isStatus(reply, 'UNKNOWN_COMMAND')) return
    throw new ClientError('LOGIN_REFUSED', `the server refuses the login: ${reply.value}`)
  }

  async nextReply(): Promise<ReplyFrame> {
    try {
      return await this.readReply()
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      throw new ClientError(
        'WRONG_PROTOCOL',
        `the server does not speak the binary protocol: ${error.message}`,
      )
    }
  }

  private async readReply(): Promise<ReplyFrame> {
    while (true) {
      const frame = this.reader.read()
      if (frame?.magic === REPLY_MAGIC) return frame
      if (frame !== undefined) throw new FrameError('WRONG_MAGIC', 'it sends requests')
      const chunk = await this.connection.read()
      if (chunk === undefined)
        throw new ClientError(
          'WRONG_PROTOCOL',
          'the server closes the connection instead of answering in the binary protocol',
        )
      this.reader.push(chunk)
    }
  }
}

export function isStatus(reply: ReplyFrame, name: NonNullable<ReturnType<typeof statusName>>): boolean {
  return statusName(reply.status) === name
}

/** Throws a ClientError unless the reply is a success. */
export function expectOk(reply: ReplyFrame): ReplyFrame {
  if (isStatus(reply, 'OK')) return reply
  const code = isStatus(reply, 'UNAUTHENTICATED') ? 'LOGIN_REFUSED' : 'REQUEST_REFUSED'
  throw new ClientError(code, `the server refuses: ${reply.value || `status ${reply.status}`}`)
}
