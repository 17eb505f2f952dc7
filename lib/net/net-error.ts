/** Why a connection was closed, or a message not accepted. Errors of the system keep their own `code`, such as `ECONNREFUSED`. */
export class NetError extends Error {
  readonly code: NetErrorCode

  constructor(code: NetErrorCode, message: string) {
    super(message)
    this.name = 'NetError'
    this.code = code
  }
}

export type NetErrorCode =
  | 'BAD_OPTION'
  | 'BAD_MESSAGE'
  | 'CLOSE_TIMEOUT'
  | 'CONNECT_TIMEOUT'
  | 'HEARTBEAT'
  | 'IDLE_TIMEOUT'
  | 'INCOMPLETE'
  | 'MESSAGE_TOO_LONG'
  | 'QUEUE_FULL'
  | 'READ_TIMEOUT'
  | 'WRITE_TIMEOUT'
