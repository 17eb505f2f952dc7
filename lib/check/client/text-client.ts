import type { LineMessage } from '../wire/message.js'
import { MessageCutter } from '../wire/message-cutter.js'
import { ClientError } from './client-error.js'
import type { Connection, Credentials, Endpoint } from './connection.js'
import { openClient, type Statistic } from './open-client.js'

/** One request at a time over the text protocol. */
export class TextClient {
  /** For callers that send other bytes than requests. The client does not read ahead. */
  readonly connection: Connection
  private readonly cutter = new MessageCutter(Number.POSITIVE_INFINITY)

  private constructor(connection: Connection) {
    this.connection = connection
  }

  static open(endpoint: Endpoint): Promise<TextClient> {
    return openClient(endpoint, (connection) => new TextClient(connection))
  }

  send(line: string, data?: Uint8Array): void {
    const parts = data === undefined ? [] : [data, LINE_END]
    this.connection.send(Buffer.concat([Buffer.from(line), LINE_END, ...parts]))
  }

  async readLine(): Promise<LineMessage> {
    while (true) {
      const message = this.cutter.read()
      if (message?.kind === 'line') return message
      if (message !== undefined) throw notText()
      const chunk = await this.connection.read()
      if (chunk === undefined) throw notText()
      this.cutter.push(chunk)
    }
  }

  /** Sends a request and returns the line of the reply. Throws a ClientError if that is an error. */
  async ask(line: string, data?: Uint8Array): Promise<LineMessage> {
    this.send(line, data)
    return expectNoError(await this.readLine())
  }

  async version(): Promise<string> {
    const { words } = await this.ask('version')
    return words[1] ?? ''
  }

  /** The statistics of a group, or undefined if the server does not know the group. */
  async statistics(group: string): Promise<Statistic[] | undefined> {
    const statistics: Statistic[] = []
    this.send(`stats ${group}`.trimEnd())
    while (true) {
      const line = await this.readLine()
      const [word, name = '', ...value] = line.words
      if (word === 'END') return statistics
      if (word === 'ERROR') return undefined
      expectNoError(line)
      statistics.push([name, value.join(' ')])
    }
  }

  close(): void {
    this.connection.close()
  }

  /** A server that needs a login refuses everything else. Any other server would store the login as a value. */
  async logIn({ user, password }: Credentials): Promise<void> {
    this.send('version')
    const { words } = await this.readLine()
    if (words[0] === 'VERSION') return
    const token = Buffer.from(`${user} ${password}`)
    this.send(`set login 0 0 ${token.length}`, token)
    const reply = (await this.readLine()).words.join(' ')
    if (reply !== 'STORED') throw new ClientError('LOGIN_REFUSED', `the server refuses the login: ${reply}`)
  }
}

function expectNoError(line: LineMessage): LineMessage {
  const [word = ''] = line.words
  if (!/^(CLIENT_|SERVER_)?ERROR/.test(word)) return line
  const isLogin = line.words[1] === 'unauthenticated'
  throw new ClientError(
    isLogin ? 'LOGIN_REFUSED' : 'REQUEST_REFUSED',
    `the server refuses: ${line.words.join(' ')}`,
  )
}

const LINE_END = Buffer.from('\r\n')

const notText = () => new ClientError('WRONG_PROTOCOL', 'the server does not speak the text protocol')
