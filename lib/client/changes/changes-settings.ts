import { ClientError } from '../client-error.js'
import { callOptionNames, checkCallOptions } from '../option-names.js'
import type { ValueFormat } from '../values/value-format.js'
import type { ChangesOptions } from './client-change.js'
import { percentEncoded } from './percent.js'
import { type PositionOf, readToken } from './position-token.js'
import type { LineChange } from './read-change.js'

/** What a client does with all keys and values. */
export interface SettingsSource {
  readonly prefix: string
  readonly format: ValueFormat
}

/** The options of a loop over changes, as its servers need them. */
export interface ChangesSettings {
  /** The request to a server, without a position. */
  readonly request: string
  readonly since: PositionOf | undefined
  readonly signal: AbortSignal | undefined
  /** A key of the program, of one on the server. */
  keyOf(key: Buffer): string | Buffer
  valueOf<Value>(change: LineChange): { value: Value | undefined; error: ClientError | undefined }
}

/** Throws BAD_OPTION. */
export function completeSettings(
  options: ChangesOptions,
  { prefix, format }: SettingsSource,
): ChangesSettings {
  checkCallOptions(options, NAMES)
  const { prefix: ownPrefix = '', since, initial = false, values = false, signal } = options
  const prefixLength = Buffer.byteLength(prefix)
  const whole = Buffer.concat([Buffer.from(prefix), bytesOf(ownPrefix)])
  const words = [
    'watch changes',
    ...(whole.length > 0 ? [`prefix=${percentEncoded(whole)}`] : []),
    ...(initial ? ['initial'] : []),
    ...(values ? ['values'] : []),
  ]
  return {
    request: words.join(' '),
    since: since === undefined ? undefined : readToken(since),
    signal,
    keyOf: (key) => textOf(key.subarray(prefixLength)),
    valueOf: (change) => decoded(change, format),
  }
}

function bytesOf(prefix: string | Uint8Array): Uint8Array {
  const isRight = typeof prefix === 'string' || prefix instanceof Uint8Array
  if (!isRight || prefix.length > PREFIX_LENGTH_MAX)
    throw new ClientError('BAD_OPTION', `prefix: a string or bytes, at most ${PREFIX_LENGTH_MAX}`)
  return typeof prefix === 'string' ? Buffer.from(prefix) : prefix
}

/** Bytes that are not UTF-8 stay bytes, so that no two keys are equal. */
function textOf(key: Buffer): string | Buffer {
  const text = key.toString()
  return text.includes(REPLACEMENT) && !Buffer.from(text).equals(key) ? key : text
}

function decoded<Value>({ value, flags }: LineChange, format: ValueFormat) {
  if (value === undefined) return NO_VALUE
  try {
    return { value: format.decode(value, 0, value.length, flags) as Value, error: undefined }
  } catch (error) {
    if (error instanceof ClientError) return { value: undefined, error }
    throw error
  }
}

const NO_VALUE = { value: undefined, error: undefined }
/** What decoding puts in the place of bytes that are no UTF-8. */
const REPLACEMENT = '\ufffd'
/** Longer than any key. */
const PREFIX_LENGTH_MAX = 250

const NAMES = callOptionNames<ChangesOptions>({
  prefix: true,
  since: true,
  initial: true,
  values: true,
  signal: true,
})
