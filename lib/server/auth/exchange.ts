import type { SaslAnswer, SaslExchange } from '../../request/session.js'
import { Status } from '../../request/status.js'
import type { Mechanism, Users } from './mechanism.js'

/** RFC 4616 requires room for three names of 255 bytes and two NULs. */
export const MESSAGE_LENGTH_MAX = 1024

const ACCEPTED: SaslAnswer = { status: Status.OK }
export const REFUSED: SaslAnswer = { status: Status.UNAUTHENTICATED }

/** One attempt to log in. It accepts one message: with two answers to a challenge a client could guess. */
export class Exchange implements SaslExchange {
  readonly challenge: string
  private readonly mechanism: Mechanism
  private readonly users: Users
  private isSpent = false

  constructor(mechanism: Mechanism, users: Users) {
    this.challenge = mechanism.challenge()
    this.mechanism = mechanism
    this.users = users
  }

  step(message: Uint8Array): SaslAnswer {
    if (this.isSpent) return REFUSED
    this.isSpent = true
    if (message.length > MESSAGE_LENGTH_MAX) return REFUSED
    // A copy: the message is in memory that other threads can change, and node:crypto needs stable bytes.
    const isProof = this.mechanism.isProof(Buffer.from(message), this.challenge, this.users)
    return isProof ? ACCEPTED : REFUSED
  }
}
