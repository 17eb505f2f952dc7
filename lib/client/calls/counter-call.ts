import type { ReplyMessage } from '../../protocol/client/reply-message.js'
import { Status } from '../../request/status.js'
import { Call } from './call.js'
import { isAboutNoOther } from './is-key-of.js'

/** Counts: the new number, or undefined if there is no such item. */
export class CounterCall extends Call<bigint | undefined> {
  override accepts(reply: ReplyMessage): boolean {
    if (!super.accepts(reply) || !isAboutNoOther(reply, this.key)) return false
    return reply.status !== Status.OK || hasNumber(reply)
  }

  override finish(reply: ReplyMessage): void {
    if (reply.status === Status.OK) this.succeed(reply.number)
    else if (reply.status === Status.NOT_FOUND) this.succeed(undefined)
    else this.failBy(reply)
  }
}

/** The length of a binary number is checked by the codec. */
function hasNumber({ hasValue, opcode, bytes, valueStart, valueEnd }: ReplyMessage): boolean {
  if (!hasValue || valueEnd === valueStart) return false
  if (opcode >= 0) return true
  for (let at = valueStart; at < valueEnd; at++) if (bytes[at]! < ZERO || bytes[at]! > NINE) return false
  const length = valueEnd - valueStart
  return (
    length < DIGITS_MAX ||
    (length === DIGITS_MAX && bytes.compare(NUMBER_MAX, 0, length, valueStart, valueEnd) <= 0)
  )
}

/** Of 64 bits. */
const NUMBER_MAX = Buffer.from(`${2n ** 64n - 1n}`)
const DIGITS_MAX = NUMBER_MAX.length

const ZERO = 0x30
const NINE = 0x39
