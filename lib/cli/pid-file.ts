import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { complain } from './complain.js'

/** The file appears whole, and goes with the process. As with memcached, a file that cannot be written ends nothing. */
export function keepPidFile(path: string): void {
  try {
    writeFileSync(`${path}.tmp`, `${process.pid}\n`)
    renameSync(`${path}.tmp`, path)
    process.on('exit', () => rmSync(path, { force: true }))
  } catch (error) {
    complain(`-P: ${(error as Error).message}`)
  }
}
