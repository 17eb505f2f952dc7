import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import type { MessageKey } from '../../protocol/client/request-message.js'
import { Status } from '../../request/status.js'
import type { ValueFormat } from '../values/value-format.js'
import { Call } from './call.js'
import { errorOf } from './error-of.js'
import { isKeyOf } from './is-key-of.js'
import { isPlaceholder } from './is-placeholder.js'

/**
 * Asks one server for several items, as a batch: the server replies with those that it has, and then with an end. Values
 * go into the map of the caller under the caller's own keys.
 */
export class GetManyCall<Key, Value> extends Call<void> {
  /** An item has its number, but another connection may have used the same. */
  override wantsKey = true
  private readonly format: ValueFormat
  private readonly names: readonly Key[]
  private readonly found: Map<Key, Value>
  /** Text: items come in the order of the keys, those that are missing left out. */
  private nextIndex = 0
  /** Places of the keys whose items are empty in a text batch: only `mg` tells such an item from a placeholder. */
  readonly doubtful: number[] = []
  /** Why the values of these keys cannot be decoded. The call fails by the first of them, after its whole reply. */
  readonly failures = new Map<Key, Error>()

  constructor(
    format: ValueFormat,
    wireKeys: readonly MessageKey[],
    isBase64Key: boolean,
    names: readonly Key[],
    found: Map<Key, Value>,
  ) {
    super()
    this.format = format
    this.keys = wireKeys
    this.isBase64Key = isBase64Key
    // The text protocol has no keys in base64.
    this.wantsTextBatch = !isBase64Key
    this.names = names
    this.found = found
  }

  override get opaqueCount(): number {
    return this.names.length + 1
  }

  override accepts(reply: ReplyMessage): boolean {
    const { kind, status, hasValue } = reply
    if (kind === ReplyKind.ITEM) return this.findKey(reply)
    if (kind === ReplyKind.RESULT && status === Status.OK && !hasValue) return false
    if (kind !== ReplyKind.RESULT && kind !== ReplyKind.END) return false
    const index = reply.opaque - this.opaque
    if (reply.hasOpaque && !(index >= 0 && index < this.opaqueCount)) return false
    if (!hasValue) return true
    return reply.hasOpaque && index < this.names.length && isKeyOf(reply, this.keys![index]!)
  }

  /** In text an error ends the reply; elsewhere it is about one key, and the end is still to come. */
  override isLast(reply: ReplyMessage): boolean {
    const isText = this.wantsTextBatch && reply.opcode < 0
    return reply.kind === ReplyKind.END || (isText && reply.kind === ReplyKind.RESULT)
  }

  override collect(reply: ReplyMessage): void {
    if (reply.kind === ReplyKind.ITEM) this.collectItem(this.nextIndex++, reply)
    else if (reply.status === Status.OK) {
      if (!isPlaceholder(reply)) this.keep(reply.opaque - this.opaque, reply)
    } else if (reply.status !== Status.NOT_FOUND) this.damage ??= errorOf(reply, this.owner?.name)
  }

  override finish(reply: ReplyMessage): void {
    const [failure] = this.failures.values()
    if (reply.kind !== ReplyKind.END) this.failBy(reply)
    else if (failure !== undefined) this.fail(failure)
    else this.succeed(undefined)
  }

  private collectItem(index: number, reply: ReplyMessage): void {
    if (reply.valueStart === reply.valueEnd) this.doubtful.push(index)
    else this.keep(index, reply)
  }

  private keep(index: number, { bytes, valueStart, valueEnd, clientFlags }: ReplyMessage): void {
    const name = this.names[index]!
    try {
      this.found.set(name, this.format.decode(bytes, valueStart, valueEnd, clientFlags) as Value)
    } catch (error) {
      this.failures.set(name, error as Error)
    }
  }

  private findKey(reply: ReplyMessage): boolean {
    const keys = this.keys!
    while (this.nextIndex < keys.length && !isKeyOf(reply, keys[this.nextIndex]!)) this.nextIndex++
    return this.nextIndex < keys.length
  }
}
