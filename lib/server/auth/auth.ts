import { hostname } from 'node:os'
import type { Authenticator } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { cramMd5 } from './cram-md5.js'
import { Exchange, REFUSED } from './exchange.js'
import type { Mechanism } from './mechanism.js'
import { mechanismList } from './mechanism-list.js'
import { PasswordFile } from './password-file.js'
import { plain } from './plain.js'

/** All mechanisms. Without a list the first one is offered. */
const MECHANISMS = [plain, cramMd5] as const

/**
 * Logins as in memcached. The users are in the file that MEMCACHED_SASL_PWDB names, which is read
 * at each attempt; the mechanisms are in `memcached.conf` in the directory SASL_CONF_PATH, which is read once.
 */
export function createAuthenticator(environment: NodeJS.ProcessEnv): Authenticator {
  const offered = mechanismsOffered(environment['SASL_CONF_PATH'])
  const users = new PasswordFile(environment['MEMCACHED_SASL_PWDB'], hostname())
  return {
    mechanisms: offered.map(({ name }) => name).join(' '),
    start(mechanism, message) {
      const name = mechanism.toUpperCase()
      const chosen = offered.find((offer) => offer.name === name)
      if (chosen === undefined) return REFUSED
      const exchange = new Exchange(chosen, users)
      if (message.length === 0) return { status: Status.CONTINUE, challenge: exchange.challenge, exchange }
      return chosen.clientSpeaksFirst ? exchange.step(message) : REFUSED
    },
  }
}

/** In the order of the list. If it names only unknown mechanisms, none is offered, and no login succeeds. */
function mechanismsOffered(folder: string | undefined): readonly Mechanism[] {
  const listed = mechanismList(folder)
  if (listed === undefined) return [MECHANISMS[0]]
  return listed.flatMap((name) => MECHANISMS.find((mechanism) => mechanism.name === name) ?? [])
}
