import { CARRIAGE_RETURN, LINE_FEED, SPACE } from '../../arena/ascii.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { NO_NUMBER, readSigned } from '../numbers.js'
import { findWordEnd, skipSpaces } from '../tokens.js'
import { Answer, answerWith } from './answers.js'
import { findVerb } from './find-verb.js'
import { Shape, VERBS } from './verbs.js'

/**
 * A line of keys that is longer than a window. It is checked as it arrives. Its keys are decoded one after the other only
 * once its end has arrived and it has no error.
 */
export class LongKeysLine {
  /** The error of the line; NONE while it has none. */
  answer: Answer = Answer.NONE
  readonly keysStart: number
  private readonly verb: number
  private expiry = 0
  private wordLength = 0

  /** The line's beginning, with its verb. `keysStart` is where its keys begin. */
  constructor(bytes: Uint8Array, start: number, end: number) {
    const verbStart = skipSpaces(bytes, start, end)
    const verbEnd = findWordEnd(bytes, verbStart, end)
    this.verb = findVerb(bytes, verbStart, verbEnd)
    this.keysStart = verbEnd
    if (VERBS[this.verb]?.shape !== Shape.TOUCHED_KEYS) return
    const expiryStart = skipSpaces(bytes, verbEnd, end)
    this.keysStart = findWordEnd(bytes, expiryStart, end)
    const expiry = readSigned(bytes, expiryStart, this.keysStart)
    if (expiry === NO_NUMBER) this.answer = Answer.BAD_EXPIRY
    else this.expiry = expiry
  }

  /** Checks more of the line. Returns where it ends, behind the line feed, or -1. */
  look(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const byte = bytes[at]
      if (byte === LINE_FEED) return at + 1
      if (byte === SPACE) this.wordLength = 0
      else if (byte !== CARRIAGE_RETURN && ++this.wordLength > KEY_LENGTH_MAX) this.refuse()
    }
    return -1
  }

  /**
   * The line is complete: its keys follow, or its error. True if there are keys. Other lines have used
   * the record since this line began, so it is set up again.
   */
  open(request: Request): boolean {
    const { session } = request
    request.refusal = Status.OK
    request.isQuiet = false
    session.openVerb = this.answer === Answer.NONE ? this.verb : NO_VERB
    session.openExpiry = this.expiry
    if (this.answer === Answer.NONE) return true
    answerWith(request, this.answer, 0)
    return false
  }

  private refuse(): void {
    if (this.answer === Answer.NONE) this.answer = Answer.BAD_FORMAT
  }
}
