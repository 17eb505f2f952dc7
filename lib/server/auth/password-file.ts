import type { Users } from './mechanism.js'
import { linesOf, readSmallFileIfAny } from './small-file.js'

const COLON = 0x3a
const AT = 0x40

/**
 * Users in a file, one in a line. It is read at each attempt, because accounts may change while the server runs.
 *
 *     ┌──────┬───┬───────┬────┐
 *     │ name │ : │ entry │ LF │
 *     └──────┴───┴───────┴────┘
 *
 * See entry.ts for the passwords in an entry. Names and passwords are bytes, whatever their encoding. A user who logs in
 * without a realm is also found under `name@<host name>`. Of several matching lines, the first one counts.
 */
export class PasswordFile implements Users {
  private readonly path: string | undefined
  private readonly ownRealm: Buffer

  constructor(path: string | undefined, hostname: string) {
    this.path = path
    this.ownRealm = Buffer.from(`@${hostname}`)
  }

  entryOf(name: Buffer): Buffer | undefined {
    if (this.path === undefined || name.length === 0) return undefined
    return entryIn(readSmallFileIfAny(this.path), this.entryNames(name))
  }

  private entryNames(name: Buffer): readonly Buffer[] {
    return name.includes(AT) ? [name] : [name, Buffer.concat([name, this.ownRealm])]
  }
}

/** Reads to the last line even after a match, so that the time does not show whether there was one. */
function entryIn(file: Buffer, names: readonly Buffer[]): Buffer | undefined {
  let entry: Buffer | undefined
  for (const line of linesOf(file)) {
    const nameEnd = line.indexOf(COLON)
    if (nameEnd < 0 || !names.some((name) => name.equals(line.subarray(0, nameEnd)))) continue
    entry ??= line.subarray(nameEnd + 1)
  }
  return entry
}
