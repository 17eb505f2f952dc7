import { readFileSync, statSync } from 'node:fs'
import { LINE_FEED } from '../../arena/ascii.js'

const FILE_LENGTH_MAX = 1024 * 1024

/** The bytes of a file, or none when it is not there, not a file, not readable, or longer than 1 MiB. */
export function readSmallFile(path: string): Buffer {
  try {
    const facts = statSync(path)
    return facts.isFile() && facts.size <= FILE_LENGTH_MAX ? readFileSync(path) : Buffer.alloc(0)
  } catch {
    return Buffer.alloc(0)
  }
}

/** The lines of a file, without their ends. */
export function* linesOf(file: Buffer): Generator<Buffer> {
  for (let start = 0; start < file.length; ) {
    const feed = file.indexOf(LINE_FEED, start)
    const end = feed < 0 ? file.length : feed
    yield file.subarray(start, end)
    start = end + 1
  }
}
