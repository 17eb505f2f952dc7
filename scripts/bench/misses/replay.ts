import { OPCODE } from '../../../lib/protocol/binary/header.js'
import { STATUSES } from '../../../lib/protocol/binary/statuses.js'
import { Status } from '../../../lib/request/status.js'
import { Client, statusOf } from '../support/client.js'
import { opcodeOf } from '../support/frames.js'
import { RequestWriter } from '../support/request-writer.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import type { CacheRequest } from './cache-request.js'

export const MEMORY_MEGABYTES = 64

const GET = opcodeOf('get')
const NOT_FOUND = STATUSES[Status.NOT_FOUND].code

/** A fresh server, and a client that sets what it has missed. */
export class Replay {
  missCount = 0
  private readonly server: Server
  private readonly client: Client
  private readonly writer = new RequestWriter()

  private constructor(server: Server, client: Client) {
    this.server = server
    this.client = client
  }

  static async start(kind: ServerKind): Promise<Replay> {
    const server = await Server.start(kind, { memoryMegabytes: MEMORY_MEGABYTES, connectionCount: 1 })
    return new Replay(server, await Client.connect(server.port))
  }

  /** Sends the requests of a window together, then the sets for the misses together. */
  async play(window: readonly CacheRequest[]): Promise<void> {
    const { writer } = this
    for (const request of window) this.write(request)
    writer.noop()
    const gets = window.filter(({ operation }) => operation === 'get')
    const missed: CacheRequest[] = []
    let answeredCount = 0
    await this.client.exchange(writer.take(), (frame) => {
      if (frame[OPCODE] !== GET) return
      const request = gets[answeredCount++]!
      if (statusOf(frame) === NOT_FOUND) missed.push(request)
    })
    if (missed.length === 0) return
    this.missCount += missed.length
    for (const { key, valueLength } of missed) writer.setQuietly(key, valueLength)
    writer.noop()
    await this.client.exchange(writer.take(), ignore)
  }

  async stop(): Promise<void> {
    this.client.close()
    await this.server.stop()
  }

  private write({ operation, key, valueLength }: CacheRequest): void {
    if (operation === 'get') this.writer.get(key)
    else if (operation === 'set') this.writer.setQuietly(key, valueLength)
    else this.writer.deleteQuietly(key)
  }
}

/** Errors of quiet requests: nothing to delete, or no room. A value that was not stored is missed again. */
function ignore(): void {}
