import { ReplyError } from '../../protocol/client/client-codec.js'
import { ClientError } from '../client-error.js'

/** What the calls of a connection fail with when it ends. */
export function reasonOf(error: Error | undefined, isReady: boolean, name: string): Error {
  if (error instanceof ClientError) return error
  if (error instanceof ReplyError) return new ProtocolError(`${name}: ${error.message}`, error)
  const words = error === undefined ? 'the server closed the connection' : wordsOf(error)
  if (isReady)
    return new ClientError('CONNECTION', `${name}: the connection was lost: ${words}`, { cause: error })
  return new ClientError('UNREACHABLE', `${name}: ${words}`, { cause: error })
}

/** A reply to a login does not say which server it is from. */
export const named = (error: Error, server: string): Error =>
  error instanceof ClientError && !error.message.startsWith(server)
    ? new ClientError(error.code, `${server}: ${error.message}`, { cause: error })
    : error

/** The server sent what is no reply. */
export class ProtocolError extends ClientError {
  /** The offending bytes, at most 64 of them. */
  readonly bytes: Buffer

  constructor(message: string, cause: ReplyError | ProtocolError) {
    super('PROTOCOL', message, { cause })
    this.bytes = Buffer.from(cause.bytes)
  }
}

/** If a name has several addresses, the errors are inside one without a useful text. */
export function wordsOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message
  return error.errors.map(({ message }) => message).join('; ')
}
