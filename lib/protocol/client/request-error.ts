/** A request that its protocol cannot express. Nothing of it was written: the connection is still in step. */
export class RequestError extends Error {
  readonly code = 'BAD_REQUEST'

  constructor(message: string) {
    super(message)
    this.name = 'RequestError'
  }
}
