import { Status } from '../../request/status.js'

/**
 * What a message of a server is. One request may have several: an ITEM for each item found, a STATISTIC for each statistic,
 * then the message that ends the reply.
 */
export const ReplyKind = {
  /** The end of a reply: a status, perhaps with a value, a number, or a text. */
  RESULT: 0,
  /** An item; more messages follow (text `VALUE`; meta and binary replies with a value are a RESULT). */
  ITEM: 1,
  /** A statistic: its name is the key; more messages follow. */
  STATISTIC: 2,
  /** The end of a list: text `END`; meta `MN`; binary: the reply to NOOP, or the last reply to STAT. */
  END: 3,
  /** A line that is no reply of a known form, such as one of `lru_crawler metadump` (text). */
  LINE: 4,
} as const
export type ReplyKind = (typeof ReplyKind)[keyof typeof ReplyKind]

/**
 * A message of a server, as a client reads it. A codec has one record, and overwrites it with the next message: key and
 * value are offsets into `bytes`, valid until the next call of the codec.
 */
export class ReplyMessage {
  kind: ReplyKind = ReplyKind.RESULT
  status: Status = Status.OK
  bytes: Buffer = NO_BYTES
  /** The range of the whole message. Bytes beyond it may belong to nothing that was received. */
  start = 0
  end = 0
  keyStart = 0
  keyEnd = 0
  hasValue = false
  valueStart = 0
  valueEnd = 0
  clientFlags = 0
  /** The halves of the cas, both unsigned; 0 and 0 if the reply has none. */
  casHigh = 0
  casLow = 0
  /** The opaque of the request (binary; meta with the flag O as a number). */
  opaque = 0
  hasOpaque = false
  /** The first opcode byte (binary), for whoever wants to verify that the reply is for the request. -1 in text and meta. */
  opcode = -1
  /** The two letters of a meta reply, '' otherwise. */
  code = ''
  /** The range of the flags of a meta reply, of the number of a counter, or of an error's or a line's text. */
  textStart = 0
  textEnd = 0

  /** The key is in base64 (meta). */
  isBase64Key = false

  /** Begins a message whose fields are in these bytes, from `start` on. Its end is not known yet. */
  begin(bytes: Buffer, start: number): void {
    this.kind = ReplyKind.RESULT
    this.status = Status.OK
    this.bytes = bytes
    this.start = start
    this.end = start
    this.keyStart = 0
    this.keyEnd = 0
    this.hasValue = false
    this.valueStart = 0
    this.valueEnd = 0
    this.clientFlags = 0
    this.casHigh = 0
    this.casLow = 0
    this.opaque = 0
    this.hasOpaque = false
    this.opcode = -1
    this.code = ''
    this.textStart = 0
    this.textEnd = 0
    this.isBase64Key = false
  }

  get text(): string {
    return this.bytes.toString('utf8', this.textStart, this.textEnd)
  }

  /** The value as a view of the received bytes. */
  get value(): Buffer {
    return this.bytes.subarray(this.valueStart, this.valueEnd)
  }

  get key(): Buffer {
    return this.bytes.subarray(this.keyStart, this.keyEnd)
  }

  /** The number of a counter: eight bytes in binary, digits elsewhere. Throws a SyntaxError if it is no number. */
  get number(): bigint {
    if (this.opcode !== -1) return this.bytes.readBigUInt64BE(this.valueStart)
    return BigInt(this.hasValue ? `${this.value}` : this.text)
  }

  get cas(): bigint {
    return (BigInt(this.casHigh) << 32n) | BigInt(this.casLow)
  }
}

const NO_BYTES = Buffer.alloc(0)
