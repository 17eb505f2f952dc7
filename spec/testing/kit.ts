import { startTestServer, type TestServer, type TestServerOptions } from '../../lib/testing/index.js'
import { receiveFrame } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { Op, request } from '../support/frames.js'

/** A test server for each spec of a suite, and connections to it; all of them end with the spec. */
export class Kit {
  private readonly open: { close(): void }[] = []
  private readonly servers: TestServer[] = []

  async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = await startTestServer(options)
    this.servers.push(server)
    return server
  }

  async connect({ host, port }: TestServer): Promise<Connection> {
    const connection = await Connection.open({ host, port })
    this.open.push(connection)
    return connection
  }

  /** All that a new connection is answered. */
  async ask(server: TestServer, lines: string): Promise<string> {
    const connection = await this.connect(server)
    connection.send(Buffer.from(lines))
    connection.endSide()
    const { bytes } = await connection.receiveRest()
    return bytes.toString('latin1')
  }

  /** The reply to one binary request, over a connection of its own. */
  async askFrame(server: TestServer, frame: Buffer): Promise<Buffer> {
    const connection = await this.connect(server)
    connection.send(frame)
    return receiveFrame(connection)
  }

  async end(): Promise<void> {
    for (const connection of this.open.splice(0)) connection.close()
    await Promise.all(this.servers.splice(0).map((server) => server.stop()))
  }
}

/** A binary set without flags and expiry. */
export const setFrame = (key: string, value: string, expiry = 0): Buffer => {
  const extras = Buffer.alloc(8)
  extras.writeUInt32BE(expiry, 4)
  return request(Op.SET, { extras, key, value })
}
