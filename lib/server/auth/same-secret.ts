/** Loaded at the first login. */
const nodeCrypto = () => process.getBuiltinModule('node:crypto')

let ownKey: Buffer | undefined

/**
 * Whether the given bytes are the secret. The time shows nothing: digests of equal length are
 * compared, under a random key. If there is no secret, a comparison is made too.
 */
export function isSameSecret(given: Buffer, secret: Buffer | undefined): boolean {
  const { randomBytes, timingSafeEqual } = nodeCrypto()
  ownKey ??= randomBytes(KEY_LENGTH)
  const isSame = timingSafeEqual(digestOf(given, ownKey), digestOf(secret ?? ownKey, ownKey))
  return isSame && secret !== undefined
}

const digestOf = (bytes: Buffer, key: Buffer): Buffer =>
  nodeCrypto().createHmac('sha256', key).update(bytes).digest()

const KEY_LENGTH = 32
