import { expect } from 'chai'
import type { Connection } from './connection.js'
import { type ServerOptions, type ServerProcess, startServer } from './server.js'
import { line } from './text-replies.js'

/** A watcher: the lines that come, without their time. */
export class Watcher {
  readonly connection: Connection
  private readonly waiting: string[] = []

  private constructor(connection: Connection) {
    this.connection = connection
  }

  static async open(server: ServerProcess, words: string): Promise<Watcher> {
    const connection = await server.connect()
    connection.send(line(`watch ${words}`))
    expect(`${await connection.receive(4)}`).to.equal('OK\r\n')
    return new Watcher(connection)
  }

  /** The received text: whole lines, at least one. */
  async nextWhole(): Promise<string> {
    return (await this.connection.receiveUntil(LINE_FEED)).toString('latin1')
  }

  /** The next lines, this many in all. */
  async next(count: number): Promise<string[]> {
    while (this.waiting.length < count) {
      const text = await this.nextWhole()
      this.waiting.push(...text.trimEnd().split('\n'))
    }
    return this.waiting.splice(0, count).map((each) => each.replace(/^ts=\d+\.\d{6} gid=\d+ /, ''))
  }

  async nextLine(): Promise<string> {
    const [first] = await this.next(1)
    return first!
  }

  /** The lines of the next connection that is opened and closed, whichever else is closing. */
  async nextLife(): Promise<[begun: string, ended: string]> {
    let begun = await this.nextLine()
    while (!begun.startsWith('type=conn_new')) begun = await this.nextLine()
    const number = begun.slice(begun.lastIndexOf(' '))
    let ended = await this.nextLine()
    while (!ended.endsWith(number)) ended = await this.nextLine()
    return [begun, ended]
  }

  close(): void {
    this.connection.close()
  }
}

export const LINE_FEED = Buffer.from('\n')

/** Sends a line, and waits for the line that ends the reply. */
export async function ask(connection: Connection, text: string, end: string): Promise<void> {
  connection.send(line(text))
  await connection.receiveUntil(line(end))
}

export async function statistics(server: ServerProcess, group = ''): Promise<Map<string, string>> {
  const connection = await server.connect()
  connection.send(line(`stats ${group}`))
  const text = (await connection.receiveUntil(line('END'))).toString('latin1')
  connection.close()
  return new Map([...text.matchAll(/^STAT (\S+) (.*)\r$/gm)].map(([, name, value]) => [name!, value!]))
}

export async function withServer(
  given: ServerOptions,
  use: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await startServer(given)
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}
