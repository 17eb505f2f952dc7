import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { readMetaFlags } from '../../protocol/meta/client/read-meta-flags.js'
import { Status } from '../../request/status.js'
import { Call } from '../calls/call.js'
import { isKeyOf } from '../calls/is-key-of.js'
import { expiryOf } from '../ttl.js'
import type { ValueFormat } from '../values/value-format.js'
import type { Terms } from './get-or-set-options.js'
import { type Lease, leaseEndMs } from './leases.js'

/**
 * A get that makes an empty item if there is none (`N`), and says whether this caller is the one to load it (`W`), or another
 * one was told so (`Z`). Undefined if the server does not know meta commands.
 */
export class LeaseCall extends Call<Lease | undefined> {
  private readonly format: ValueFormat
  private readonly endMs: number

  constructor(format: ValueFormat, terms: Terms) {
    super()
    this.format = format
    this.endMs = leaseEndMs(performance.now(), terms)
    this.verb = 'mg'
    const { lockSeconds, windowSeconds } = terms
    const refresh = windowSeconds > 0 ? ` R${expiryOf(windowSeconds)}` : ''
    this.flags = `v f c t k N${expiryOf(lockSeconds)}${refresh}`
  }

  override accepts(reply: ReplyMessage): boolean {
    const hasKey = reply.keyEnd > reply.keyStart
    return super.accepts(reply) && (!hasKey || this.isBase64Key || isKeyOf(reply, this.key))
  }

  override finish(reply: ReplyMessage): void {
    if (reply.hasValue) this.succeed(this.readLease(reply))
    else if (reply.status === Status.UNKNOWN_COMMAND) this.succeed(undefined)
    else this.failBy(reply)
  }

  private readLease(reply: ReplyMessage): Lease {
    const { bytes, valueStart, valueEnd, clientFlags, cas } = reply
    const flags = readMetaFlags(reply)
    const state = flags['W'] !== undefined ? 'ours' : flags['Z'] !== undefined ? 'others' : 'fresh'
    const isPlaceholder = state !== 'fresh' && valueStart === valueEnd
    return {
      state,
      value: isPlaceholder ? undefined : this.format.decode(bytes, valueStart, valueEnd, clientFlags),
      cas,
      secondsLeft: secondsLeftOf(Number(flags['t'] ?? 0)),
      endMs: this.endMs,
    }
  }
}

/** `t` is -1 for an item that never expires, and 0 in its last second. */
const secondsLeftOf = (time: number): number => (time < 0 ? 0 : Math.max(1, time))
