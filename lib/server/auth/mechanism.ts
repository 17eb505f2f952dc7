/** A mechanism of SASL. In those implemented here the client sends a single message. */
export interface Mechanism {
  readonly name: string
  /** The message may come with the start, without a challenge before it. */
  readonly clientSpeaksFirst: boolean
  /** The challenge that the message must answer; empty without one. */
  challenge(): string
  /** Whether the message proves that it comes from one of the users. */
  isProof(message: Buffer, challenge: string, users: Users): boolean
}

export interface Users {
  /** The part of a user's line after the name: see entry.ts. Undefined if there is no such user. */
  entryOf(name: Buffer): Buffer | undefined
}
