import { createHash } from 'node:crypto'
import { types } from 'node:util'
import type { MessageKey } from '../../protocol/client/request-message.js'
import { KEY_LENGTH_MAX } from '../../request/limits.js'
import { ClientError } from '../client-error.js'

/** How the connection sends keys. Text ends a key at a blank; binary carries any bytes. */
export type KeyProtocol = 'text' | 'meta' | 'binary'

export interface KeyOptions {
  /** Stands before each key on the server. */
  readonly prefix?: string
  /**
   * What becomes of a key that the protocol cannot carry. 'error' (the default): BAD_KEY. 'base64': it is sent in base64, for
   * blanks and control characters; meta only. 'hash': its SHA-256 is sent, as 43 characters of base64url.
   */
  readonly longKeys?: 'error' | 'base64' | 'hash'
}

/** A record that callers reuse. */
export class EncodedKey {
  key: MessageKey = ''
  /** The key is sent in base64 (meta, flag b). */
  isBase64 = false
}

/** Turns a caller's key into one that can be sent, or throws a ClientError (BAD_KEY). */
export class KeyEncoder {
  private readonly prefix: string
  private readonly prefixLength: number
  private readonly longKeys: 'error' | 'base64' | 'hash'
  private readonly isBinary: boolean
  /** The longest key beside the prefix. */
  private readonly lengthMax: number

  constructor(protocol: KeyProtocol, { prefix = '', longKeys = 'error' }: KeyOptions = {}) {
    if (!LONG_KEYS.includes(longKeys)) throw badOption(`longKeys: one of ${LONG_KEYS.join(', ')}`)
    if (longKeys === 'base64' && protocol !== 'meta') throw badOption(`longKeys: ${protocol} has no base64`)
    if (typeof prefix !== 'string') throw badOption('prefix: a string')
    this.prefix = prefix
    this.prefixLength = Buffer.byteLength(prefix)
    this.longKeys = longKeys
    this.isBinary = protocol === 'binary'
    this.lengthMax = KEY_LENGTH_MAX - this.prefixLength
    if (this.prefixLength > PREFIX_LENGTH_MAX) throw badOption(`prefix: at most ${PREFIX_LENGTH_MAX} bytes`)
    const isBad = !prefix.isWellFormed() || (!this.isBinary && hasBlank(Buffer.from(prefix)))
    if (isBad) throw badOption('prefix: without blanks and control characters')
  }

  /**
   * Fills `target`. A short key of printable ASCII without a prefix is sent as it is. Bytes are copied: they are sent, and
   * compared with those of the reply, after their owner may have changed them.
   */
  encode(key: MessageKey, target: EncodedKey): void {
    target.isBase64 = false
    target.key = isShortAscii(key, this.lengthMax) ? this.prefixed(key) : this.encodeOther(key, target)
  }

  private encodeOther(key: MessageKey, target: EncodedKey): MessageKey {
    const bytes = bytesOf(key)
    const isFree = this.isBinary || !hasBlank(bytes)
    if (bytes.length > 0 && bytes.length <= this.lengthMax && isFree)
      return typeof key === 'string' ? this.prefixed(key) : this.prefixedBytes(bytes)
    if (this.longKeys === 'hash') return this.prefixed(createHash('sha256').update(bytes).digest('base64url'))
    if (this.longKeys === 'base64' && bytes.length > 0) {
      const whole = this.prefixedBytes(bytes)
      if (whole.length > BASE64_KEY_LENGTH_MAX)
        throw badKey(`over ${BASE64_KEY_LENGTH_MAX} bytes, with its prefix`)
      target.isBase64 = true
      return whole
    }
    if (bytes.length === 0) throw badKey('empty')
    if (bytes.length > this.lengthMax) throw badKey(`over ${KEY_LENGTH_MAX} bytes, with its prefix`)
    throw badKey('one with a blank or a control character')
  }

  /** The bytes with which the keys of a family begin on the server: they are a word of the text protocol. */
  encodePrefix(prefix: MessageKey): Uint8Array {
    const whole = this.prefixedBytes(bytesOf(prefix))
    if (whole.length === 0) throw badKey('empty')
    if (whole.length > KEY_LENGTH_MAX) throw badKey(`over ${KEY_LENGTH_MAX} bytes, with its prefix`)
    if (hasBlank(whole)) throw badKey('one with a blank or a control character')
    return whole
  }

  private prefixed(key: string): string {
    return this.prefixLength === 0 ? key : this.prefix + key
  }

  private prefixedBytes(bytes: Uint8Array): Uint8Array {
    return this.prefixLength === 0 ? Buffer.from(bytes) : Buffer.concat([Buffer.from(this.prefix), bytes])
  }
}

/** Almost every key. One loop, without allocations. */
function isShortAscii(key: MessageKey, lengthMax: number): key is string {
  if (typeof key !== 'string') return false
  const { length } = key
  if (length === 0 || length > lengthMax) return false
  for (let index = 0; index < length; index++) {
    const code = key.charCodeAt(index)
    if (code <= SPACE || code >= DELETE) return false
  }
  return true
}

function bytesOf(key: MessageKey): Uint8Array {
  if (typeof key === 'string') {
    // Two such keys would become one.
    if (!key.isWellFormed()) throw badKey('one with half of a surrogate pair')
    return Buffer.from(key, 'utf8')
  }
  if (!types.isUint8Array(key))
    throw badKey(`a string or bytes, not of type ${key === null ? 'null' : typeof key}`)
  return key
}

/** True if text and meta cannot carry the key as it is. Bytes of characters beyond ASCII are no blanks. */
export function hasBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte <= SPACE || byte === DELETE) return true
  return false
}

const badOption = (message: string): ClientError => new ClientError('BAD_OPTION', message)
/** Does not show the key: it may be secret, long, or unprintable. */
const badKey = (reason: string): ClientError => new ClientError('BAD_KEY', `not a key: ${reason}`)

const LONG_KEYS = ['error', 'base64', 'hash'] as const
const SPACE = 0x20
const DELETE = 0x7f
const HASH_LENGTH = 43
/** A hash fits behind it. */
const PREFIX_LENGTH_MAX = KEY_LENGTH_MAX - HASH_LENGTH
/** The limit is that of the base64 text, whose groups of 4 characters have 3 bytes each. */
const BASE64_KEY_LENGTH_MAX = Math.floor(KEY_LENGTH_MAX / 4) * 3
