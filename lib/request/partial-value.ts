/** Whoever waits for the bytes of a value. */
export interface ValueReceiver {
  /** The client could send, and does not. */
  readonly isIdle: boolean
  /** Others need the room: discards the value. */
  drop(): void
}

/** A value that arrives in pieces. */
export interface PartialValue {
  /** The item that will hold it. */
  readonly item: number
  /** Where in the arena the next bytes belong, and how many may be put there; none when no room is left. */
  readonly place: number
  readonly room: number
  /** How many bytes are still to come. */
  readonly missing: number
  /** So many bytes have been put at `place`. */
  add(length: number): void
  /** Copies bytes from elsewhere to where they belong. False when room ran out. */
  copyIn(start: number, length: number): boolean
  /** From now on the value waits for bytes, and may be dropped when others need its room. */
  waitFor(receiver: ValueReceiver): void
  /** All of it is here: it will not be dropped. */
  endWaiting(): void
  /** The item has been published. */
  release(): void
  /** The item will not be published. */
  discard(): void
}
