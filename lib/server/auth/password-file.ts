import type { Users } from './mechanism.js'
import { linesOf, readSmallFile } from './small-file.js'

const COLON = 0x3a
const CARRIAGE_RETURN = 0x0d
const AT = 0x40

/**
 * Users in a file, one in a line. It is read at each attempt: accounts come and go while the server runs.
 *
 *     ┌──────┬───┬──────────┬──────────────────────────────────┬────┐
 *     │ name │ : │ password │ nothing, or more behind : or CR  │ LF │
 *     └──────┴───┴──────────┴──────────────────────────────────┴────┘
 *
 * Names and passwords are bytes, whatever their encoding. Whoever logs in without a realm is also found under
 * `name@<host name>`. Of several lines that fit, the first one counts.
 */
export class PasswordFile implements Users {
  private readonly path: string | undefined
  private readonly ownRealm: Buffer

  constructor(path: string | undefined, hostname: string) {
    this.path = path
    this.ownRealm = Buffer.from(`@${hostname}`)
  }

  passwordOf(name: Buffer): Buffer | undefined {
    if (this.path === undefined || name.length === 0) return undefined
    return passwordIn(readSmallFile(this.path), this.entryNames(name))
  }

  private entryNames(name: Buffer): readonly Buffer[] {
    return name.includes(AT) ? [name] : [name, Buffer.concat([name, this.ownRealm])]
  }
}

/** Reads on to the last line even when it has found one, so that the time does not tell whether it did. */
function passwordIn(file: Buffer, names: readonly Buffer[]): Buffer | undefined {
  let password: Buffer | undefined
  for (const line of linesOf(file)) {
    const nameEnd = line.indexOf(COLON)
    if (nameEnd < 0 || !names.some((name) => name.equals(line.subarray(0, nameEnd)))) continue
    password ??= upTo(CARRIAGE_RETURN, upTo(COLON, line.subarray(nameEnd + 1)))
  }
  return password?.length === 0 ? undefined : password
}

function upTo(byte: number, bytes: Buffer): Buffer {
  const end = bytes.indexOf(byte)
  return end < 0 ? bytes : bytes.subarray(0, end)
}
