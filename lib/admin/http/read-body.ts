import type { IncomingMessage } from 'node:http'
import { HttpError } from './http-error.js'

/**
 * The body of a request, of at most this length. `mayTake` is asked for each piece whether there is room for it. What
 * is too much is read and dropped before it is refused: many clients read no response while they send. The time for a request is
 * bounded all the same.
 */
export function readBody(
  request: IncomingMessage,
  lengthMax: number,
  mayTake: (length: number) => boolean,
): Promise<Buffer> {
  const tooLong = new HttpError(413, `the value is too long: here ${lengthMax} bytes are the most`)
  if (Number(request.headers['content-length'] ?? 0) > lengthMax) return Promise.reject(tooLong)
  const pieces: Buffer[] = []
  let length = 0
  let refusal: HttpError | undefined
  return new Promise((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      length += piece.length
      if (length > lengthMax) refusal ??= tooLong
      else if (!mayTake(piece.length)) refusal ??= TOO_MANY
      if (refusal === undefined) pieces.push(piece)
      else pieces.length = 0
    })
    request.on('end', () =>
      refusal === undefined ? resolve(Buffer.concat(pieces, length)) : reject(refusal),
    )
    request.on('close', () => reject(new HttpError(400, 'the client has gone')))
  })
}

const TOO_MANY = new HttpError(429, 'too many bytes of values are on their way; try again')
