import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import type { ValueFormat } from '../values/value-format.js'
import { Call, type CallStock } from './call.js'
import { isKeyOf } from './is-key-of.js'
import { isPlaceholder } from './is-placeholder.js'

/** A value and its version: what `gets` returns, and `cas` compares. */
export interface Versioned<Value> {
  readonly value: Value
  readonly cas: bigint
}

/** Asks for one item: its value, or undefined if there is none. */
export class GetCall<Value> extends Call<Value | undefined> {
  /** A reply that was meant for somebody else has another key. */
  override wantsKey = true
  private readonly format: ValueFormat
  /** Text: the item comes before the message that ends the reply. */
  private item: Value | undefined = undefined

  constructor(format: ValueFormat, spares?: CallStock) {
    super(spares)
    this.format = format
  }

  override reset(): void {
    super.reset()
    this.item = undefined
  }

  override accepts(reply: ReplyMessage): boolean {
    if (!canBeItem(reply) || !this.hasNumberOf(reply)) return false
    // Without a key, a number that a counter was to get would be an item as well.
    return reply.hasValue || reply.keyEnd > reply.keyStart ? isKeyOf(reply, this.key) : true
  }

  override collect(reply: ReplyMessage): void {
    this.item = this.readValue(reply)
  }

  override finish(reply: ReplyMessage): void {
    if (reply.kind === ReplyKind.END) this.succeed(this.item)
    else if (reply.status === Status.OK)
      this.succeed(isPlaceholder(reply) ? undefined : this.readValue(reply))
    else if (reply.status === Status.NOT_FOUND) this.succeed(undefined)
    else this.failBy(reply)
  }

  protected readValue(reply: ReplyMessage): Value {
    const { bytes, valueStart, valueEnd, clientFlags } = reply
    return this.format.decode(bytes, valueStart, valueEnd, clientFlags) as Value
  }
}

/** An item, in text the end behind it, or the failure to find one. */
function canBeItem({ kind, status, hasValue, code }: ReplyMessage): boolean {
  if (kind === ReplyKind.RESULT) return hasValue || status !== Status.OK
  return kind === ReplyKind.ITEM || (kind === ReplyKind.END && code === '')
}

/** The same with the cas of the item. */
export class GetsCall<Value> extends GetCall<Versioned<Value>> {
  override wantsCas = true

  protected override readValue(reply: ReplyMessage): Versioned<Value> {
    const value = super.readValue(reply) as unknown as Value
    return { value, cas: reply.cas }
  }
}
