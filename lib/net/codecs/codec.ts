import type { Input } from './input.js'
import type { Output } from './output.js'

/**
 * Turns bytes into messages and messages into bytes. A codec knows nothing of sockets.
 *
 * A codec that keeps state between messages serves one connection: give `listen` and `connect` a function that makes one.
 */
export interface Codec<Incoming, Outgoing = Incoming> {
  /**
   * Reads the message at `input.start`, and moves `start` behind it. Returns NEED_MORE if it is incomplete; then `start`
   * has not moved. Throws if the bytes are no message: the connection is closed.
   *
   * The message may be a record that the next call overwrites, with offsets into `input.bytes`. It is valid until the
   * handler returns.
   */
  decode(input: Input): Incoming | typeof NEED_MORE

  /** Writes the message at the end of the output. Throws, before it writes, if the message cannot be encoded. */
  encode(message: Outgoing, output: Output): void
}

export const NEED_MORE = Symbol('need more')
