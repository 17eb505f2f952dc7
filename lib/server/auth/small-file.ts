import { readFileSync, statSync } from 'node:fs'

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
