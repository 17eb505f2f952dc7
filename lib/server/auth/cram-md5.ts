import { hostname } from 'node:os'
import { SPACE } from '../../arena/ascii.js'
import { passwordsIn } from './entry.js'
import type { Mechanism } from './mechanism.js'
import { isSameSecret } from './same-secret.js'

/** Loaded at the first login. */
const nodeCrypto = () => process.getBuiltinModule('node:crypto')

/** Used if there is no such user, so that the attempt takes as long as any other. */
let noPassword: Buffer | undefined

/**
 * RFC 2195: the server sends a text that is never used twice; the client answers with its name, a space and
 * the text's HMAC-MD5, keyed with the password, in lower-case hexadecimal digits.
 */
export const cramMd5: Mechanism = {
  name: 'CRAM-MD5',
  clientSpeaksFirst: false,
  challenge: () => `<${nodeCrypto().randomBytes(16).toString('hex')}.${Date.now()}@${hostname()}>`,

  isProof(message, challenge, users) {
    // The last space: a name may hold some, a digest holds none.
    const nameEnd = message.lastIndexOf(SPACE)
    if (nameEnd < 0) return false
    const passwords = passwordsIn(users.entryOf(message.subarray(0, nameEnd)))
    const proof = message.subarray(nameEnd + 1)
    // All of them, so that the time does not show which one it was.
    return passwords.filter((password) => isDigest(proof, challenge, password)).length > 0
  },
}

function isDigest(proof: Buffer, challenge: string, password: Buffer | undefined): boolean {
  const { createHmac, randomBytes } = nodeCrypto()
  noPassword ??= randomBytes(16)
  const digest = createHmac('md5', password ?? noPassword)
    .update(challenge)
    .digest('hex')
  return isSameSecret(proof, password && Buffer.from(digest))
}
