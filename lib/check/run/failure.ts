/** The error in a reply. Every line is one message, in readable form. */
export class CheckFailure extends Error {
  readonly sent: readonly string[]
  readonly expected: readonly string[]
  readonly got: readonly string[]

  constructor({
    sent,
    expected,
    got,
  }: { sent: readonly string[]; expected: readonly string[]; got: readonly string[] }) {
    super('the server replied differently')
    this.sent = sent
    this.expected = expected
    this.got = got
  }
}

export const CLOSED = '(the server ends the connection)'
export const SILENCE = '(nothing)'
