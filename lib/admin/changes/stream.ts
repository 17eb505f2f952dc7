import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ChangeForm } from '../../feed/forms/change-form.js'
import type { Subscription } from '../../feed/subscriptions/subscription.js'
import type { Exchange } from '../http/exchange.js'
import { changeJson } from './change-json.js'

/** How a stream looks. */
export interface StreamForm extends ChangeForm {
  readonly type: string
  readonly beginning: string
}

/** A line of JSON for each change. */
export const NDJSON: StreamForm = {
  name: 'ndjson',
  type: 'application/x-ndjson',
  beginning: '',
  text: (change) => `${changeJson(change)}\n`,
}

/** Server-sent events. The id of an event is its position: a browser sends it back when it connects again. */
export const SSE: StreamForm = {
  name: 'sse',
  type: 'text/event-stream',
  beginning: 'retry: 2000\n\n',
  text: (change) => {
    const id = change.position === undefined ? '' : `id: ${change.position}\n`
    return `${id}data: ${changeJson(change)}\n\n`
  },
}

/**
 * Sends changes until the client has gone, or the server ends. While the client does not read, the changes stay in the history, and
 * if they are overwritten there, it receives a gap. A client that has read nothing for two heartbeats has vanished.
 */
export const stream = (form: StreamForm) => (exchange: Exchange, subscription: Subscription) => {
  const { request, response } = exchange
  const { socket } = request
  let stall: NodeJS.Timeout | undefined
  const send = (): void => {
    while (!response.writableEnded && !subscription.isEmpty && stall === undefined) {
      const bytes = subscription.nextBytes()!
      const mayGoOn = sendChunk(response, socket, bytes)
      // The kernel has all of it.
      if (socket.writableLength === 0 && response.writableLength === 0) subscription.bytes!.release(bytes)
      if (mayGoOn) continue
      stall = setTimeout(() => response.destroy(), STALLED_HEARTBEATS_MAX * subscription.heartbeatMs)
    }
  }
  const drained = (): void => {
    clearTimeout(stall)
    stall = undefined
    send()
  }
  socket.on('drain', drained)
  response.once('close', () => {
    clearTimeout(stall)
    socket.off('drain', drained)
  })
  subscription.onReadable = send
  subscription.onEnd = () => response.end()
  // Heartbeats keep the connection from being silent for too long.
  socket.setTimeout(0)
  response.writeHead(200, { 'content-type': form.type, connection: 'close' })
  response.write(form.beginning === '' ? '' : form.beginning)
  response.flushHeaders()
  send()
}

/**
 * False if the socket does not take more now. Straight to the socket: the response would send each chunk in the next round of the event
 * loop, and takes several times as long for it.
 */
function sendChunk(response: ServerResponse, socket: Socket, bytes: Buffer): boolean {
  // For a client of HTTP/1.0 there are no chunks.
  if (!response.chunkedEncoding) return response.write(bytes)
  const frame = `${bytes.length.toString(16)}\r\n`
  let mayGoOn: boolean
  if (bytes.length <= JOINED_LENGTH_MAX) {
    const chunk = Buffer.allocUnsafe(frame.length + bytes.length + FRAME_END.length)
    chunk.write(frame, 'latin1')
    chunk.set(bytes, frame.length)
    chunk.set(FRAME_END, frame.length + bytes.length)
    mayGoOn = socket.write(chunk)
  } else {
    socket.cork()
    socket.write(frame, 'latin1')
    socket.write(bytes)
    mayGoOn = socket.write(FRAME_END)
    socket.uncork()
  }
  // It says no to much at once, even if the kernel has taken it.
  return mayGoOn || socket.writableLength === 0
}

const FRAME_END = Buffer.from('\r\n')
/** Up to this length a copy costs less than to gather the parts of a chunk. */
const JOINED_LENGTH_MAX = 2048
const STALLED_HEARTBEATS_MAX = 2
