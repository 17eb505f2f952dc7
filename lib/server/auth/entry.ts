import { CARRIAGE_RETURN } from '../../arena/ascii.js'
import { isSameSecret } from './same-secret.js'

/**
 * The part of a line of the password file after the user's name. memcached compares as many bytes as the client sends, and
 * accepts them if a colon, a carriage return or the end of the line follows. So `pa:ss` has two passwords:
 *
 *     ┌────┬───┬────┐
 *     │ pa │ : │ ss │    `pa` and `pa:ss`
 *     └────┴───┴────┘
 *
 * An empty password is never right.
 */
export function isPassword(given: Buffer, entry: Buffer | undefined): boolean {
  const isWhole = given.length > 0 && entry !== undefined && isEnd(entry[given.length])
  return isSameSecret(given, isWhole ? entry.subarray(0, given.length) : undefined)
}

/**
 * The passwords to try if the client does not send its own: the whole line, and the part before the first colon.
 * There are always two, so that the time does not show how many the line has; undefined means none.
 */
export function passwordsIn(entry: Buffer = EMPTY): readonly (Buffer | undefined)[] {
  const line = upTo(CARRIAGE_RETURN, entry)
  return [line, upTo(COLON, line)].map((password) => (password.length > 0 ? password : undefined))
}

const isEnd = (byte: number | undefined): boolean =>
  byte === undefined || byte === COLON || byte === CARRIAGE_RETURN

function upTo(byte: number, bytes: Buffer): Buffer {
  const end = bytes.indexOf(byte)
  return end < 0 ? bytes : bytes.subarray(0, end)
}

const EMPTY = Buffer.alloc(0)
const COLON = 0x3a
