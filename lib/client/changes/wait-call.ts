import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { Command } from '../../request/command.js'
import { Status } from '../../request/status.js'
import { Call } from '../calls/call.js'
import { errorOf } from '../calls/error-of.js'
import type { Versioned } from '../calls/get-call.js'
import { isAboutNoOther } from '../calls/is-key-of.js'
import { ClientError } from '../client-error.js'
import type { EncodedKey } from '../keys/key-encoder.js'
import type { ValueFormat } from '../values/value-format.js'

/** `mw`: the server replies when the item has another cas, is missing, or when time is up. */
export class WaitCall<Value> extends Call<Versioned<Value> | 'missing' | undefined> {
  private readonly format: ValueFormat

  constructor({ key, isBase64 }: EncodedKey, after: bigint, seconds: number, format: ValueFormat) {
    super()
    this.command = Command.META_GET
    this.verb = 'mw'
    this.key = key
    this.isBase64Key = isBase64
    this.flags = `c${after} T${seconds} v f`
    this.format = format
  }

  override accepts(reply: ReplyMessage): boolean {
    return super.accepts(reply) && (this.isBase64Key || isAboutNoOther(reply, this.key))
  }

  override finish(reply: ReplyMessage): void {
    const { bytes, valueStart, valueEnd, clientFlags, cas } = reply
    if (reply.code === 'VA')
      this.succeed({ value: this.format.decode(bytes, valueStart, valueEnd, clientFlags) as Value, cas })
    else if (reply.code === 'EN') this.succeed('missing')
    else if (reply.code === 'NS') this.succeed(undefined)
    else this.fail(isUnknown(reply) ? unsupported(reply) : errorOf(reply))
  }
}

/** Another server does not know the command; ours knows it, and says that changes are off. */
const isUnknown = ({ status, text }: ReplyMessage): boolean =>
  status === Status.UNKNOWN_COMMAND || text.includes('changes are off')

const unsupported = ({ text }: ReplyMessage): ClientError =>
  new ClientError('UNSUPPORTED', `the server cannot wait for a key: it replied: ${text}`)
