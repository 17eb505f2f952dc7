import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import { Call } from './call.js'
import { isAboutNoOther } from './is-key-of.js'

/** A change that takes place or does not: whether the item was stored, deleted, touched. */
export class ChangeCall extends Call<boolean> {
  override accepts(reply: ReplyMessage): boolean {
    return super.accepts(reply) && !reply.hasValue && isAboutNoOther(reply, this.key)
  }

  override finish(reply: ReplyMessage): void {
    const { status } = reply
    if (status === Status.OK) this.succeed(true)
    // The protocols differ: an add that finds an item is "not stored" in text, and "exists" in binary.
    else if (status === Status.NOT_STORED || status === Status.EXISTS || status === Status.NOT_FOUND) {
      this.succeed(false)
    } else this.failBy(reply)
  }
}

/** What became of a value that was to be stored if the item was still the same. */
export type CasOutcome = 'stored' | 'changed' | 'missing'

export class CasCall extends Call<CasOutcome> {
  override accepts(reply: ReplyMessage): boolean {
    return super.accepts(reply) && !reply.hasValue && isAboutNoOther(reply, this.key)
  }

  override finish(reply: ReplyMessage): void {
    const outcome = CAS_OUTCOMES[reply.status]
    if (outcome === undefined) this.failBy(reply)
    else this.succeed(outcome)
  }
}

const CAS_OUTCOMES: { readonly [status in Status]?: CasOutcome } = {
  [Status.OK]: 'stored',
  [Status.EXISTS]: 'changed',
  [Status.NOT_FOUND]: 'missing',
}
