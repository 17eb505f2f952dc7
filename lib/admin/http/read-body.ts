import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.js'

/** The body of a request, of at most this length. `mayTake` is asked for each piece whether there is room for it. */
export function readBody(
  request: IncomingMessage,
  lengthMax: number,
  mayTake: (length: number) => boolean,
): Promise<Buffer> {
  const tooLong = new HttpError(413, `the value is too long: here ${lengthMax} bytes are the most`)
  if (Number(request.headers['content-length'] ?? 0) > lengthMax) return Promise.reject(tooLong)
  const pieces: Buffer[] = []
  let length = 0
  return new Promise((resolve, reject) => {
    const refuse = (error: HttpError): void => {
      request.off('data', take)
      pieces.length = 0
      reject(error)
    }
    const take = (piece: Buffer): void => {
      length += piece.length
      if (length > lengthMax) refuse(tooLong)
      else if (mayTake(piece.length)) pieces.push(piece)
      else refuse(TOO_MANY)
    }
    request.on('data', take)
    request.on('end', () => resolve(Buffer.concat(pieces)))
    request.on('close', () => reject(new HttpError(400, 'the client has gone')))
  })
}

/**
 * Reads and drops the rest of a refused request, at most so much and for so long. Many clients read no response while they send: a
 * connection that is closed meanwhile is an error for them, and they never see the reason.
 */
export function dropBody(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    let dropped = 0
    const timer = setTimeout(resolve, DROP_MS_MAX)
    const end = (): void => {
      clearTimeout(timer)
      resolve()
    }
    request.on('data', (piece: Buffer) => {
      dropped += piece.length
      if (dropped > DROPPED_LENGTH_MAX) end()
    })
    request.once('end', end)
    request.once('close', end)
  })
}

const TOO_MANY = new HttpError(429, 'too many bytes of values are on their way; try again')
const DROPPED_LENGTH_MAX = 64 * 1024 * 1024
const DROP_MS_MAX = 10_000
