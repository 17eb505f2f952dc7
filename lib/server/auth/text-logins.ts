import { CARRIAGE_RETURN } from '../../arena/ascii.js'
import { reasonOf } from '../../journal/disk/system-error.js'
import { type StartError, startError } from '../../options/start-error.js'
import type { PasswordCheck } from '../../request/session.js'
import { isSameSecret } from './same-secret.js'
import { linesOf, NO_USERS, readSmallFile } from './small-file.js'

/**
 * The users of the text protocol: a file with a line `name:password` for each. It is read when the server starts
 * and at HUP; if it cannot be read then, the earlier users stay in force.
 */
export class TextLogins implements PasswordCheck {
  private readonly path: string
  private entries: readonly Buffer[] = []

  constructor(path: string) {
    this.path = path
    this.reload()
  }

  /** Throws a sentence if the file is missing or holds no login. */
  reload(): void {
    const lines = [...linesOf(this.read())]
    const entries = lines.map(withoutReturn).filter((line) => line.includes(COLON))
    if (entries.length === 0) throw this.wrong(NO_USERS)
    this.entries = entries
  }

  private read(): Buffer {
    try {
      return readSmallFile(this.path)
    } catch (error) {
      throw this.wrong(`cannot be read: ${reasonOf(error)}`, error)
    }
  }

  private wrong(sentence: string, cause?: unknown): StartError {
    return startError((nameOf) => `${nameOf('loginFile')}: ${this.path} ${sentence}`, cause)
  }

  isRight(name: Uint8Array, password: Uint8Array): boolean {
    const given = Buffer.concat([name, Buffer.of(COLON), password])
    // All of them, so that the time does not show which one it was.
    const isFound = this.entries.filter((entry) => isSameSecret(given, entry)).length > 0
    // The first colon of a line ends the name, so no user has a name with a colon.
    return isFound && !name.includes(COLON)
  }
}

const withoutReturn = (line: Buffer): Buffer =>
  line.at(-1) === CARRIAGE_RETURN ? line.subarray(0, -1) : line

const COLON = 0x3a
