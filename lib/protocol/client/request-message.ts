import { Command } from '../../request/command.js'

/** A key as text (sent in UTF-8) or as bytes. The codecs do not check keys: `isWireKey` does. */
export type MessageKey = string | Uint8Array

/**
 * A request, as a client sends it. The same record serves every protocol; a codec reads the fields that its command has in
 * its protocol. Callers may reuse a record as soon as it is encoded.
 */
export class RequestMessage {
  command: Command = Command.NOOP
  key: MessageKey = ''
  /** The keys of a request for several items; then `key` is not read. */
  keys: readonly MessageKey[] | undefined = undefined
  /** A long value is sent from where it is: it must not change until it is sent. */
  value: Uint8Array = NO_BYTES
  clientFlags = 0
  /**
   * As on the wire: seconds from now up to 30 days, else an absolute time in seconds; 0: never; negative: at once. The delay
   * of a flush.
   */
  expiry = 0
  /** The item must have this cas; 0n: any. */
  cas = 0n
  /** The reply of a get includes the cas. */
  wantsCas = false
  /** By how much to count; the level of `Command.VERBOSITY`. */
  delta = 1n
  /** A missing counter is created with this value and `expiry`; undefined: it is not created. Not in text. */
  initial: bigint | undefined = undefined
  /** Returned with the reply (binary; meta, if it is not 0). With `keys`, key number n has `opaque + n`. */
  opaque = 0
  /** The server replies only to what is unexpected: a quiet get to a hit, others to failures. A NOOP then ends the batch. Not in text. */
  isQuiet = false
  /** The reply includes the key (binary, for gets; meta). In text the reply to a get always does. */
  wantsKey = false
  /** Keys are sent in base64, so that they may have any bytes (meta). */
  isBase64Key = false
  /**
   * Meta: several keys are sent in one text `get`. That is less than a request for each; the items
   * have their keys in place of numbers, and an error ends the reply.
   */
  wantsTextBatch = false
  /**
   * Only `Command.META_GET`, which is any request of the text protocols: the verb, and behind the key the flags as on the
   * wire, without the leading space. `ms` has `value`, and its length before the flags.
   */
  verb = ''
  flags = ''
}

const NO_BYTES = new Uint8Array(0)
