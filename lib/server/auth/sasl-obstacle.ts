import { reasonOf } from '../../journal/disk/system-error.js'
import type { Authenticator } from '../../request/session.js'
import { linesOf, NO_USERS, readSmallFile } from './small-file.js'

/**
 * Why no user can log in by SASL at present; undefined if one can. As in memcached the server still
 * starts, and users can be added later; but without a log line an operator would look for the fault in the clients.
 */
export function saslObstacle(
  { mechanisms }: Authenticator,
  environment: NodeJS.ProcessEnv,
): string | undefined {
  const [path, folder] = [environment['MEMCACHED_SASL_PWDB'], environment['SASL_CONF_PATH']]
  if (mechanisms === '') return `memcached.conf in ${folder} (SASL_CONF_PATH) lists no known mechanism`
  if (!path) return 'MEMCACHED_SASL_PWDB in the environment names no file of users'
  try {
    const hasUser = [...linesOf(readSmallFile(path))].some((line) => USER.test(`${line}`))
    return hasUser ? undefined : `${path} (MEMCACHED_SASL_PWDB) ${NO_USERS}`
  } catch (error) {
    return `${path} (MEMCACHED_SASL_PWDB) cannot be read: ${reasonOf(error)}`
  }
}

/** An empty name or password is never right. */
const USER = /^[^:]+:[^:\r]/
