import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { reasonOf } from '../journal/disk/system-error.js'
import { complain } from './complain.js'

/** The file appears whole, and goes with the process. As with memcached, a file that cannot be written ends nothing. */
export function keepPidFile(path: string): void {
  try {
    writeFileSync(`${path}.tmp`, `${process.pid}\n`)
    renameSync(`${path}.tmp`, path)
    process.on('exit', () => remove(path))
  } catch (error) {
    complain(`-P: ${path} cannot be written: ${reasonOf(error)}`)
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // Whoever the process has become may not be allowed to.
  }
}
