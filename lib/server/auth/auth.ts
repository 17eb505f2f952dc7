import { hostname } from 'node:os'
import type { Authenticator } from '../../request/session.js'
import { Status } from '../../request/status.js'
import { cramMd5 } from './cram-md5.js'
import { Exchange, REFUSED } from './exchange.js'
import type { Mechanism } from './mechanism.js'
import { mechanismList } from './mechanism-list.js'
import { PasswordFile } from './password-file.js'
import { plain } from './plain.js'

/** Every mechanism there is. What is offered where no list says otherwise is the first one. */
const MECHANISMS = [plain, cramMd5] as const

/**
 * Logins as genuine memcached has them. The users stand in the file that MEMCACHED_SASL_PWDB names and are read
 * at each attempt, the mechanisms in `memcached.conf` in the folder that SASL_CONF_PATH names and are read once.
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
