/** How values become bytes and client flags, and values again. Both ends must use the same format. */
export interface ValueFormat {
  /** Fills `target`. Throws a ClientError (BAD_VALUE) if the format has no form for the value. */
  encode(value: unknown, target: EncodedValue): void
  /** The value in `bytes[start, end)`. It keeps no reference to `bytes`. Throws a ClientError if the bytes are broken. */
  decode(bytes: Buffer, start: number, end: number, clientFlags: number): unknown
}

/** A record that callers reuse. The bytes of a Buffer are the caller's own, not a copy. */
export class EncodedValue {
  bytes: Uint8Array = NO_BYTES
  clientFlags = 0

  /** Keeps no value of the program alive. */
  clear(): void {
    this.bytes = NO_BYTES
    this.clientFlags = 0
  }

  /** Nothing was filled in since `clear`. */
  get isClear(): boolean {
    return this.bytes === NO_BYTES
  }
}

const NO_BYTES = new Uint8Array(0)
