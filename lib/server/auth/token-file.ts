import { isSameSecret } from './same-secret.js'
import { linesOf, readSmallFile } from './small-file.js'

/**
 * The token of the admin listener: the first line of a file. It is read when the server starts and at HUP; if it cannot
 * be read then, the earlier token stays in force.
 */
export class TokenFile {
  private readonly path: string
  private token: Buffer

  /** Throws the system's error if the file cannot be read, and a sentence if it holds no token. */
  constructor(path: string) {
    this.path = path
    this.token = this.read()
  }

  reload(): void {
    this.token = this.read()
  }

  isRight(given: Buffer): boolean {
    return isSameSecret(given, this.token)
  }

  private read(): Buffer {
    return Buffer.from(tokenIn(readSmallFile(this.path)), 'latin1')
  }
}

/** Throws a sentence if the first line of the file is no token. */
export function tokenIn(file: Buffer): string {
  const [first = Buffer.alloc(0)] = linesOf(file)
  const token = first.toString('latin1').trimEnd()
  if (!TOKEN.test(token))
    throw new Error('its first line is no token: give 16 to 1024 visible ASCII characters')
  return token
}

const TOKEN = /^[!-~]{16,1024}$/
