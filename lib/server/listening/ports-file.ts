import { renameSync, writeFileSync } from 'node:fs'
import { reasonOf } from '../../journal/disk/system-error.js'
import type { ListenerFacts } from './listener-facts.js'

/**
 * Writes the addresses that the server listens on, for the program that started it with any free port. The file is
 * written under another name and renamed, so that it is complete when it appears.
 */
export function writePortsFile(path: string, listeners: readonly ListenerFacts[]): void {
  const lines = listeners
    .filter(({ family }) => family !== 'unix')
    .map(({ isDatagram, family, port }) => {
      const kind = isDatagram ? 'UDP' : 'TCP'
      return `${kind} ${family === 'IPv6' ? 'INET6' : 'INET'}: ${port}\n`
    })
  const aside = `${path}.lck`
  try {
    writeFileSync(aside, lines.join(''))
    renameSync(aside, path)
  } catch (error) {
    throw new Error(`MEMCACHED_PORT_FILENAME: ${path} cannot be written: ${reasonOf(error)}`)
  }
}
