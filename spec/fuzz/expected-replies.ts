import { ok as assert } from 'node:assert/strict'
import type { ReplyFrame } from '../../lib/protocol/binary/frames/frame.js'
import { STATUSES } from '../../lib/protocol/binary/statuses.js'
import { Command } from '../../lib/request/command.js'
import { READ_LENGTH } from '../../lib/request/limits.js'
import { Status } from '../../lib/request/status.js'
import { commandOf, refusalOf, rowOf } from '../support/binary-rules.js'
import { HEADER_LENGTH } from '../support/frames.js'
import { canBeValue } from './good-frame.js'

/** One request of a stream, by the offsets behind which its reply may come and must come. */
interface Expected {
  readonly opcode: number
  readonly opaque: number
  readonly command: Command
  readonly key: Buffer
  /** Why the request ends the stream, or OK. */
  readonly refusal: Status
  readonly isQuiet: boolean
  readonly mayComeAt: number
  readonly mustComeAt: number
}

const REQUEST_MAGIC = 0x80
const OK = 0x00
const NOT_FOUND = 0x01
const UNAUTHENTICATED = 0x20

/**
 * Which replies a stream of bytes must get, derived from its headers alone: whole frames, in the order of their
 * requests, one for each that is not quiet, none to a request that ends the stream without a reply.
 */
export class ExpectedReplies {
  /** The server must close the connection once it has read this many bytes. */
  readonly endsAt: number
  private readonly expected: readonly Expected[]
  private readonly isLoginWanted: boolean
  private answeredCount = 0
  private isOver = false

  constructor(stream: Buffer, isLoginWanted: boolean) {
    this.isLoginWanted = isLoginWanted
    const expected: Expected[] = []
    this.expected = expected
    let start = 0
    let endsAt = Number.POSITIVE_INFINITY
    while (start < stream.length && endsAt > stream.length) {
      if (stream[start] !== REQUEST_MAGIC) {
        endsAt = start + 1
      } else if (stream.length - start < HEADER_LENGTH) {
        break
      } else {
        const next = expectedOf(stream, start)
        expected.push(next.expected)
        if (next.isLast) endsAt = next.expected.mustComeAt
        start = next.end
      }
    }
    this.endsAt = endsAt
  }

  /** Takes the next reply. Throws if it may not come now. */
  take(reply: ReplyFrame, sentLength: number): void {
    assert(reply.dataType === 0, 'a reply has a data type')
    for (;;) {
      const next = this.expected[this.answeredCount]
      assert(!this.isOver && next !== undefined && next.mayComeAt <= sentLength, 'a reply answers nothing')
      if (next.opcode === reply.opcode && next.opaque === reply.opaque) {
        this.accept(next, reply)
        return
      }
      assert(next.isQuiet, `request ${this.answeredCount} got no reply before that of another`)
      this.answeredCount++
    }
  }

  /** Throws if a reply is missing, when the peer has sent this many bytes and received all that was sent. */
  expectNoMore(sentLength: number): void {
    if (this.isOver) return
    for (let index = this.answeredCount; index < this.expected.length; index++) {
      const { isQuiet, mustComeAt } = this.expected[index]!
      assert(isQuiet || mustComeAt > sentLength, `request ${index} got no reply`)
    }
  }

  /** The server has refused the connection: it is closed, whatever else was sent. */
  get isRefused(): boolean {
    return this.isOver
  }

  private accept(expected: Expected, reply: ReplyFrame): void {
    const { command, refusal } = expected
    const isLogin = command === Command.SASL_START || command === Command.SASL_STEP
    if (reply.status === UNAUTHENTICATED && this.isLoginWanted && !isLogin) this.isOver = true
    else if (refusal !== Status.OK)
      assert(reply.status === STATUSES[refusal].code, 'a request was refused wrongly')
    else checkAnswer(expected, reply)
    if (command !== Command.STATS || isLastOfMany(reply)) this.answeredCount++
  }
}

function checkAnswer({ command, isQuiet, key }: Expected, { status, value }: ReplyFrame): void {
  const isGet = command === Command.GET || command === Command.GET_AND_TOUCH
  assert(!isQuiet || status !== (isGet ? NOT_FOUND : OK), 'a quiet request got a reply that it did not want')
  assert(mayAnswer(command, status), 'a valid request was refused')
  if (isGet && status === OK)
    assert(canBeValue(key.toString('latin1'), value), 'a value is not that of its key')
}

/** Statistics are separate replies, and the last one is empty. */
const isLastOfMany = ({ status, key, value }: ReplyFrame): boolean =>
  status !== OK || key.length + value.length === 0

/** The statuses of refused requests are those of logins and of unknown commands, too. */
function mayAnswer(command: Command, status: number): boolean {
  const isSasl = command >= Command.SASL_MECHANISMS && command <= Command.SASL_STEP
  if (status === STATUSES[Status.UNKNOWN_COMMAND].code) return isSasl || command === Command.UNKNOWN
  return isSasl || status !== STATUSES[Status.INVALID_ARGUMENTS].code
}

function expectedOf(stream: Buffer, start: number) {
  const [opcode, bodyLength] = [stream[start + 1]!, stream.readUInt32BE(start + 8)]
  const [keyLength, extrasLength] = [stream.readUInt16BE(start + 2), stream[start + 4]!]
  const refusal = refusalOf({ opcode, keyLength, extrasLength, bodyLength })
  const isRefused = refusal !== Status.OK
  const command = commandOf(opcode)
  const headerEnd = start + HEADER_LENGTH
  const keyEnd = headerEnd + extrasLength + keyLength
  const end = headerEnd + bodyLength
  // The header shows the error; a refused long value is not waited for.
  const isLong = end - start > READ_LENGTH
  const expected: Expected = {
    opcode,
    opaque: stream.readUInt32BE(start + 12),
    command,
    key: stream.subarray(headerEnd + extrasLength, keyEnd),
    refusal,
    isQuiet: !isRefused && (rowOf(opcode)?.isQuiet ?? false),
    mayComeAt: isRefused ? headerEnd : isLong ? keyEnd : end,
    mustComeAt: isRefused ? headerEnd : end,
  }
  return { expected, end, isLast: isRefused || command === Command.QUIT }
}
