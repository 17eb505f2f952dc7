import { isPassword } from './entry.js'
import type { Mechanism } from './mechanism.js'

const NUL = 0

/**
 * RFC 4616: the name and the password, unencoded.
 *
 *     ┌─────────────────┬─────┬──────┬─────┬──────────┐
 *     │ authorization name │ NUL │ name │ NUL │ password │
 *     └─────────────────┴─────┴──────┴─────┴──────────┘
 *
 * The authorization name may be empty, as most clients send it, or the same name, as libmemcached sends it. No user
 * may act for another.
 */
export const plain: Mechanism = {
  name: 'PLAIN',
  clientSpeaksFirst: true,
  challenge: () => '',

  isProof(message, _challenge, users) {
    const actForEnd = message.indexOf(NUL)
    const nameEnd = message.indexOf(NUL, actForEnd + 1)
    if (actForEnd < 0 || nameEnd < 0 || message.includes(NUL, nameEnd + 1)) return false
    const actFor = message.subarray(0, actForEnd)
    const name = message.subarray(actForEnd + 1, nameEnd)
    const password = message.subarray(nameEnd + 1)
    if (actFor.length > 0 && !actFor.equals(name)) return false
    return isPassword(password, users.entryOf(name))
  },
}
