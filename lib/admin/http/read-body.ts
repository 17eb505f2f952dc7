import type { IncomingMessage } from 'node:http'
import type { Budget } from './budget.js'
import { HttpError } from './http-error.js'

/** Reads the body of a request, of at most this length, and passes it on. Until that is done, its bytes are taken from the budget. */
export async function withBody<Result>(
  request: IncomingMessage,
  { lengthMax, budget }: { readonly lengthMax: number; readonly budget: Budget },
  use: (body: Buffer) => Promise<Result>,
): Promise<Result> {
  let taken = 0
  const mayTake = (length: number): boolean => {
    if (!budget.take(length)) return false
    taken += length
    return true
  }
  try {
    return await use(await readBody(request, lengthMax, mayTake))
  } finally {
    budget.give(taken)
  }
}

/** `mayTake` is asked for each piece whether there is room for it. */
function readBody(
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
