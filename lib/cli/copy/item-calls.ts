import { Call } from '../../client/calls/call.js'
import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { Command } from '../../request/command.js'
import { Status } from '../../request/status.js'
import type { CopiedItem } from './copied-item.js'

/** What a read returns: everything, or only the cas. */
export type Parts = 'item' | 'cas'

/** Reads an item with its flags, cas and time to live: over meta. Resolves to undefined if there is none. */
export class ReadCall extends Call<CopiedItem | undefined> {
  private readonly askedMs = performance.now()

  constructor(parts: Parts) {
    super()
    this.command = Command.META_GET
    this.verb = 'mg'
    this.flags = FLAGS[parts]
  }

  override finish(reply: ReplyMessage): void {
    if (reply.status === Status.OK) this.succeed(itemOf(reply, this.askedMs))
    else if (reply.status === Status.NOT_FOUND) this.succeed(undefined)
    else this.failBy(reply)
  }
}

/** The same over the binary protocol, which does not tell the time to live. */
export class BinaryReadCall extends ReadCall {
  constructor() {
    super('item')
    this.command = Command.GET
    this.wantsCas = true
  }

  override accepts(reply: ReplyMessage): boolean {
    return reply.kind === ReplyKind.RESULT && this.hasNumberOf(reply)
  }
}

function itemOf(reply: ReplyMessage, askedMs: number): CopiedItem {
  const { bytes, valueStart, valueEnd, clientFlags, cas, code } = reply
  const words = code === '' ? '' : reply.text
  const ttl = TTL.exec(words)?.[1]
  return {
    // The bytes of the reply are overwritten by the next one.
    value: Buffer.from(bytes.subarray(valueStart, valueEnd)),
    flags: clientFlags,
    cas,
    ttl: ttl === undefined ? undefined : Number(ttl),
    isStale: STALE.test(words),
    askedMs,
  }
}

const FLAGS: Readonly<Record<Parts, string>> = { item: 'v f c t', cas: 'c' }
const TTL = /(?:^| )t(-?\d+)/
const STALE = /(?:^| )X(?: |$)/

/** Stores an item, and returns its cas; undefined if the server has another item, or none where there was one. */
export class StoreCall extends Call<bigint | undefined> {
  override wantsCas = true

  override finish(reply: ReplyMessage): void {
    const { status } = reply
    if (status === Status.OK) this.succeed(reply.cas)
    else if (status === Status.NOT_STORED || status === Status.EXISTS || status === Status.NOT_FOUND)
      this.succeed(undefined)
    else this.failBy(reply)
  }
}
