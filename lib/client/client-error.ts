/** Why a call failed; programs may rely on these words. */
export type ClientErrorCode =
  /** Before anything is sent: an argument that no server is asked with. */
  | 'BAD_KEY'
  /** Also a stored value that is not what its flags say. */
  | 'BAD_VALUE'
  | 'BAD_TTL'
  | 'BAD_OPTION'
  /** The protocol has no such request. */
  | 'BAD_REQUEST'
  /** The deadline of the call has passed. The server may have run the command. */
  | 'TIMEOUT'
  | 'ABORTED'
  /** The client was closed. */
  | 'CLOSED'
  /** No connection to the server. */
  | 'UNREACHABLE'
  /** The connection was lost before the reply arrived. The server may have run the command. */
  | 'CONNECTION'
  /** The server sent what is no reply. */
  | 'PROTOCOL'
  | 'AUTH'
  /** The breaker of the server is open: nothing was sent. */
  | 'BREAKER_OPEN'
  /** Too many calls wait already: nothing was sent. */
  | 'QUEUE_FULL'
  /** The server does not offer this: it is another one, too old, or started without an option. */
  | 'UNSUPPORTED'
  /** The server replied with an error. */
  | 'SERVER'
  | 'TOO_LARGE'
  | 'NOT_A_NUMBER'
  /** Some keys of a batch failed, or some servers of a command to all. */
  | 'PARTIAL'

export class ClientError extends Error {
  readonly code: ClientErrorCode

  constructor(code: ClientErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ClientError'
    this.code = code
  }
}
