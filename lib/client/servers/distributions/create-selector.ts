import { ClientError } from '../../client-error.js'
import type { ServerAddress } from '../server-address.js'
import { Jump } from './jump.js'
import { consistent, ketama } from './ketama.js'
import { Modulo } from './modulo.js'
import { Rendezvous } from './rendezvous.js'
import { type IsUsable, NO_SERVER, type Selector } from './selector.js'

/** Returns the index of the server of the key. */
export type Choose = (key: string | Uint8Array, servers: readonly ServerAddress[]) => number

export type Distribution = 'ketama' | 'consistent' | 'modulo' | 'jump' | 'rendezvous' | Choose

const SELECTORS: Readonly<
  Record<Exclude<Distribution, Choose>, (servers: readonly ServerAddress[]) => Selector>
> = {
  ketama,
  consistent,
  modulo: (servers) => new Modulo(servers.length),
  jump: (servers) => new Jump(servers),
  rendezvous: (servers) => new Rendezvous(servers),
}

export function createSelector(distribution: Distribution, servers: readonly ServerAddress[]): Selector {
  if (typeof distribution === 'function')
    return servers.length === 0 ? new NoServer() : new ChosenByUser(distribution, servers)
  if (!Object.hasOwn(SELECTORS, distribution))
    throw new ClientError(
      'BAD_OPTION',
      `distribution: ${Object.keys(SELECTORS).join(', ')} or a function, not ${String(distribution)}`,
    )
  if (servers.length === 0) return new NoServer()
  return servers.length === 1 ? new OnlyServer() : SELECTORS[distribution](servers)
}

/** No key is hashed for one server. */
class OnlyServer implements Selector {
  pick(): number {
    return 0
  }

  pickAmong(_key: string | Uint8Array, isUsable: IsUsable): number {
    return isUsable(0) ? 0 : NO_SERVER
  }
}

/** As long as a list has not arrived. */
class NoServer implements Selector {
  pick(): number {
    return NO_SERVER
  }

  pickAmong(): number {
    return NO_SERVER
  }
}

class ChosenByUser implements Selector {
  private readonly choose: Choose
  private readonly servers: readonly ServerAddress[]

  constructor(choose: Choose, servers: readonly ServerAddress[]) {
    this.choose = choose
    this.servers = servers
  }

  pick(key: string | Uint8Array): number {
    const { choose, servers } = this
    const index = choose(key, servers)
    if (Number.isInteger(index) && index >= 0 && index < servers.length) return index
    throw new ClientError(
      'BAD_OPTION',
      `distribution: the function returned ${String(index)}, which is no index of ${servers.length} servers`,
    )
  }

  /** The next in the list. */
  pickAmong(key: string | Uint8Array, isUsable: IsUsable): number {
    const picked = this.pick(key)
    const { length } = this.servers
    for (let distance = 0; distance < length; distance++) {
      const index = (picked + distance) % length
      if (isUsable(index)) return index
    }
    return NO_SERVER
  }
}
