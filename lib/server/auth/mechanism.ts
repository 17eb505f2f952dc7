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
  /** Never an empty password: undefined also stands for a user who cannot log in. */
  passwordOf(name: Buffer): Buffer | undefined
}
