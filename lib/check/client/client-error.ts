export type ClientErrorCode =
  /** The given address is not valid. */
  | 'BAD_ADDRESS'
  | 'UNREACHABLE'
  /** No reply arrived in time. */
  | 'SILENT'
  | 'RESET'
  | 'LOGIN_REFUSED'
  | 'REQUEST_REFUSED'
  /** The reply does not follow the protocol. */
  | 'WRONG_PROTOCOL'

/** Why a client gets no reply, or no useful one, in one sentence. */
export class ClientError extends Error {
  readonly code: ClientErrorCode

  constructor(code: ClientErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
