export type ClientErrorCode =
  /** What was given as an address is none. */
  | 'BAD_ADDRESS'
  | 'UNREACHABLE'
  /** Nothing came in time. */
  | 'SILENT'
  | 'RESET'
  | 'LOGIN_REFUSED'
  | 'REQUEST_REFUSED'
  /** What came is not the protocol. */
  | 'WRONG_PROTOCOL'

/** Why a client gets no reply, or none of use, in one sentence. */
export class ClientError extends Error {
  readonly code: ClientErrorCode

  constructor(code: ClientErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
