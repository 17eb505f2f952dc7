import { REPLY_MAGIC } from '../../../lib/protocol/binary/header.js'
import { checkReplies } from '../support/frames.js'
import type { Batch } from './batches.js'
import { openSocket, type Target } from './open-socket.js'

const REPLY_MS_MAX = 5_000
/** Servers let 511 (Node) or 1,024 (memcached) connections wait to be accepted. */
const OPENED_AT_ONCE = 100

/** Sends one batch on a connection of its own, and throws unless every byte of its replies is right. */
export async function exchange(target: Target, { request, reply }: Batch): Promise<void> {
  const received = await answer(target, request, reply.length)
  if (reply[0] === REPLY_MAGIC) checkReplies(reply, received)
  else if (!received.equals(reply)) throw new Error(`expected ${quoted(reply)}, received ${quoted(received)}`)
}

/** The beginning of some lines. */
const quoted = (lines: Buffer): string => JSON.stringify(lines.toString('latin1', 0, 80))

/** The reply to `request`: `replyLength` bytes, or less if no more arrived in time. */
function answer(target: Target, request: Buffer, replyLength: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let length = 0
    const socket = openSocket(target)
    socket.setTimeout(REPLY_MS_MAX, () => socket.destroy())
    socket.on('data', (chunk) => {
      chunks.push(chunk)
      length += chunk.length
      if (length >= replyLength) socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(Buffer.concat(chunks)))
    socket.write(request)
  })
}

/** Opens connections a few at a time, so that none has to be repeated. */
export async function openConnections<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const opened: T[] = []
  while (opened.length < count) {
    const length = Math.min(OPENED_AT_ONCE, count - opened.length)
    opened.push(...(await Promise.all(Array.from({ length }, (_, index) => open(opened.length + index)))))
  }
  return opened
}
