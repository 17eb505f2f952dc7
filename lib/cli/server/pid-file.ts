import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { reasonOf } from '../../journal/disk/system-error.js'
import { complain } from '../complain.js'

/** The file appears complete, and is deleted when the process ends. As in memcached, a failed write ends nothing. */
export function keepPidFile(path: string): void {
  try {
    writeFileSync(`${path}.tmp`, `${process.pid}\n`)
    renameSync(`${path}.tmp`, path)
    process.on('exit', () => remove(path))
  } catch (error) {
    complain(`-P: ${path} cannot be written: ${reasonOf(error)}; the server runs without it`)
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The user that the process has become may have no permission.
  }
}
