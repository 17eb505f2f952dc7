/** A way to prove who one is. In those that are known here the client sends a single message. */
export interface Mechanism {
  readonly name: string
  /** The message may come with the start, without a challenge before it. */
  readonly clientSpeaksFirst: boolean
  /** What the message has to answer, empty when there is nothing to ask. */
  challenge(): string
  /** Whether the message proves that it comes from one of the users. */
  isProof(message: Buffer, challenge: string, users: Users): boolean
}

export interface Users {
  /** What the line of a user has behind the name: see entry.ts. Undefined if there is no such user. */
  entryOf(name: Buffer): Buffer | undefined
}
