import type { PasswordCheck } from '../../request/session.js'
import { isSameSecret } from './same-secret.js'
import { readSmallFile } from './small-file.js'

/**
 * Who may come in by the text protocol: a file with a line `name:password` for each. It is read when the server starts
 * and when it is told to; a file that cannot be read then leaves in force what was read before.
 */
export class TextLogins implements PasswordCheck {
  private readonly path: string
  private entries: readonly Buffer[] = []

  constructor(path: string) {
    this.path = path
    if (!this.reload()) throw new Error(`-Y: the file ${path} holds no line name:password`)
  }

  /** False when there was nobody in the file, or no file. */
  reload(): boolean {
    const entries = linesOf(readSmallFile(this.path)).filter((line) => line.includes(COLON))
    if (entries.length === 0) return false
    this.entries = entries
    return true
  }

  isRight(name: Uint8Array, password: Uint8Array): boolean {
    const given = Buffer.concat([name, Buffer.of(COLON), password])
    // All of them, so that the time does not tell which one it was.
    return this.entries.filter((entry) => isSameSecret(given, entry)).length > 0
  }
}

function linesOf(file: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let start = 0; start < file.length; ) {
    const feed = file.indexOf(LINE_FEED, start)
    const end = feed < 0 ? file.length : feed
    lines.push(file.subarray(start, end > start && file[end - 1] === CARRIAGE_RETURN ? end - 1 : end))
    start = end + 1
  }
  return lines
}

const COLON = 0x3a
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
