import { once } from 'node:events'
import type { Io } from './sub-command.js'

/** The streams of this process. Who reads our output may leave early (`keepcached decode | head`): then there is no more to do. */
export function processIo(): Io {
  const { stdin, stdout, stderr } = process
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit()
    throw error
  })
  stderr.on('error', () => undefined)
  return {
    environment: process.env,
    input: stdin,
    async write(bytes) {
      if (!stdout.write(bytes)) await once(stdout, 'drain')
    },
    complain(message) {
      stderr.write(`keepcached: ${message}\n`)
    },
  }
}
