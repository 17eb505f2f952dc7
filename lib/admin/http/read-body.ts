import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.js'

/** The body of a request, of at most this length. `mayTake` is asked for each piece whether there is room for it. */
export async function readBody(
  request: IncomingMessage,
  lengthMax: number,
  mayTake: (length: number) => boolean,
): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > lengthMax) throw tooLong(lengthMax)
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length
    if (length > lengthMax) throw tooLong(lengthMax)
    if (!mayTake(piece.length))
      throw new HttpError(429, 'too many bytes of values are on their way; try again', CLOSE)
    pieces.push(piece)
  }
  return Buffer.concat(pieces, length)
}

const CLOSE = { connection: 'close' }
const tooLong = (lengthMax: number): HttpError =>
  new HttpError(413, `the value is too long: here ${lengthMax} bytes are the most`, CLOSE)
