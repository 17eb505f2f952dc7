import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ADMIN_PIPELINED_COUNT_MAX } from '../../request/limits.js'

/**
 * Serves the requests of a connection one after the other, as their responses are sent. Otherwise a client that pipelines
 * requests and reads nothing would have many responses in memory. A response that waits behind another is also not told when the
 * connection is closed, and would never give back what it has taken.
 */
export class Turns {
  private readonly lines = new WeakMap<Socket, Line>()

  /** Until the responses before this one have been sent. False: the connection is closed. */
  async wait({ socket }: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const line = this.lines.get(socket) ?? { last: Promise.resolve(), count: 0 }
    this.lines.set(socket, line)
    if (line.count > ADMIN_PIPELINED_COUNT_MAX) socket.destroy()
    if (socket.destroyed) return false
    line.count++
    const before = line.last
    line.last = new Promise((resolve) => response.once('close', resolve))
    await before
    line.count--
    return !socket.destroyed
  }
}

interface Line {
  /** The response to the latest request has ended. */
  last: Promise<void>
  /** Requests that wait. */
  count: number
}
