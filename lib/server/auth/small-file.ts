import { readFileSync, statSync } from 'node:fs'
import { LINE_FEED } from '../../arena/ascii.js'

const FILE_LENGTH_MAX = 1024 * 1024

/** The bytes of a file. Throws if it does not exist, is not a file, not readable, or longer than 1 MiB. */
export function readSmallFile(path: string): Buffer {
  const facts = statSync(path)
  if (!facts.isFile()) throw new Error('it is not a file')
  if (facts.size > FILE_LENGTH_MAX) throw new Error('it is longer than 1 MiB')
  return readFileSync(path)
}

/** The same, or no bytes. */
export function readSmallFileIfAny(path: string): Buffer {
  try {
    return readSmallFile(path)
  } catch {
    return Buffer.alloc(0)
  }
}

/** What is wrong with a file of logins that has none. */
export const NO_USERS = 'holds no line name:password'

/** The lines of a file, without their ends. */
export function* linesOf(file: Buffer): Generator<Buffer> {
  for (let start = 0; start < file.length; ) {
    const feed = file.indexOf(LINE_FEED, start)
    const end = feed < 0 ? file.length : feed
    yield file.subarray(start, end)
    start = end + 1
  }
}
