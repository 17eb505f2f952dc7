import { ReplyKind, type ReplyMessage } from '../../protocol/client/reply-message.js'
import { ClientError } from '../client-error.js'
import { Call } from './call.js'
import { isAboutNoOther } from './is-key-of.js'

/** The reply to a meta request, as the server sent it. */
export interface MetaReply {
  /** `HD`, `VA`, `EN`, `NF`, `NS`, `EX`, `MN` or `ME`. */
  readonly code: string
  /** The rest of its line, such as `f0 c12`. */
  readonly flags: string
  readonly value: Buffer | undefined
}

/**
 * A meta request in the words of the caller. They are one line, they have a reply (no flag q), and the number of the request
 * is ours (no flag O): otherwise the reply of another call would be taken for its own.
 */
export class MetaCall extends Call<MetaReply> {
  constructor(verb: string, flags: string, value: Uint8Array) {
    super()
    if (typeof verb !== 'string' || !VERB.test(verb))
      throw badRequest(`verb: mg, ms, md, ma, mn or me, not ${shown(verb)}`)
    if (typeof flags !== 'string' || !FLAGS.test(flags))
      throw badRequest(`flags: words such as "v t T60", without q and O, not ${shown(flags)}`)
    this.verb = verb
    this.flags = flags
    this.value = value
  }

  override finish(reply: ReplyMessage): void {
    const { code } = reply
    if (code === '') this.failBy(reply)
    else {
      const value = reply.hasValue ? Buffer.from(reply.value) : undefined
      this.succeed({ code, flags: withoutNumber(reply.text), value })
    }
  }

  override accepts(reply: ReplyMessage): boolean {
    if (reply.kind === ReplyKind.END) return this.hasNumberOf(reply)
    const isBase64 = this.isBase64Key || BASE64.test(this.flags)
    return super.accepts(reply) && (isBase64 || isAboutNoOther(reply, this.key))
  }
}

const VERB = /^m[a-z]$/
const FLAGS = /^(?:(?![qO])[!-~]+(?: (?![qO])[!-~]+)*)?$/

/** The caller has given a key in base64. */
const BASE64 = /(?:^| )b/

/** What is no text may have none at all. */
const shown = (given: unknown): string =>
  typeof given === 'string' ? JSON.stringify(given) : `of type ${typeof given}`

const badRequest = (message: string): ClientError => new ClientError('BAD_REQUEST', message)

/** The flag O that the codec has added. */
const withoutNumber = (flags: string): string => flags.replace(/(?:^| )O\d+/, '').trimStart()
