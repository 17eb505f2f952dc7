import { ExitCode } from '../exit-codes.js'
import { Refusal } from '../refusal.js'
import type { LineMessage } from '../wire/message.js'
import { MessageCutter } from '../wire/message-cutter.js'
import type { Connection, Credentials, Endpoint } from './connection.js'
import { openClient } from './open-client.js'

/** One request at a time over the text protocol. */
export class TextClient {
  /** For who wants to send other bytes than requests; nothing of it is read ahead. */
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

  /** The line that answers a request; an error ends the sub-command. */
  async ask(line: string, data?: Uint8Array): Promise<LineMessage> {
    this.send(line, data)
    return expectNoError(await this.readLine())
  }

  close(): void {
    this.connection.close()
  }

  /** A server that asks for a login refuses all else, and to any other the login would be a value to store. */
  async logIn({ user, password }: Credentials): Promise<void> {
    this.send('version')
    const { words } = await this.readLine()
    if (words[0] === 'VERSION') return
    const token = Buffer.from(`${user} ${password}`)
    this.send(`set login 0 0 ${token.length}`, token)
    const reply = (await this.readLine()).words.join(' ')
    if (reply !== 'STORED')
      throw new Refusal(ExitCode.NO_PERMISSION, `the server refuses the login: ${reply}`)
  }
}

export function expectNoError(line: LineMessage): LineMessage {
  const [word = ''] = line.words
  if (!/^(CLIENT_|SERVER_)?ERROR/.test(word)) return line
  const isLogin = line.words[1] === 'unauthenticated'
  throw new Refusal(
    isLogin ? ExitCode.NO_PERMISSION : ExitCode.PROTOCOL,
    `the server refuses: ${line.words.join(' ')}`,
  )
}

const LINE_END = Buffer.from('\r\n')

const notText = () => new Refusal(ExitCode.PROTOCOL, 'the server does not speak the text protocol')
