import { userInfo } from 'node:os'
import { type ServerOptions, type ServerProcess, startServer } from './server.js'

/** memcached refuses to run as root unless given a user. */
const AS_ROOT = userInfo().uid === 0 ? ['-u', 'root'] : []

/**
 * One thread, so that connections are served in the order of arrival. No background threads: they hold items
 * for moments, and a number that is held is not padded when it becomes shorter.
 */
const IN_ORDER = ['-t', '1', '-o', 'no_modern']

/** Starts the memcached of this machine. */
export function startMemcached(given: ServerOptions = {}): Promise<ServerProcess> {
  return startServer({ ...given, command: ['memcached', ...AS_ROOT, '-U', '0', ...IN_ORDER] })
}
