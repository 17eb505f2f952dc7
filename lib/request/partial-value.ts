/** A value that waits for bytes of its client. */
export interface ValueReceiver {
  /** The client could send, but does not. */
  readonly isIdle: boolean
  /** Other values need the room: discards the value. */
  drop(): void
}

/** A value that arrives in pieces. */
export interface PartialValue {
  /** The item that will hold it. */
  readonly item: number
  /** The address and the length of its key. */
  readonly keyStart: number
  readonly keyLength: number
  /** The address to which the next bytes are written, and how many fit; none if no room is left. */
  readonly place: number
  readonly room: number
  /** How many bytes have not arrived yet. */
  readonly missing: number
  /** This many bytes were written at `place`. */
  add(length: number): void
  /** Copies bytes from elsewhere to their place. False if there is no room left. */
  copyIn(start: number, length: number): boolean
  /** Calls `add` with the address and the length of each range of the value. */
  eachPart(pieces: { add(start: number, length: number): void }): void
  /** From now on the value waits for bytes, and may be dropped if others need its room. */
  waitFor(receiver: ValueReceiver): void
  /** It is complete: it will not be dropped. */
  endWaiting(): void
  /** The item was published. */
  release(): void
  /** The item will not be published. */
  discard(): void
}
