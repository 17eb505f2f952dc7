import { isUint8Array } from 'node:util/types'
import { duration, oneOf, record, refuse, shown, wholeNumber } from './checks.js'
import type { Effect } from './effect.js'
import { ERROR_NAMES, ERROR_STATUSES, FOREIGN_ERRORS } from './outcomes.js'

/** The effects without a value, by name. */
const WORDS: Readonly<Record<string, Effect>> = {
  timeout: { kind: 'timeout' },
  close: { kind: 'close', afterBytes: 0 },
  garbage: { kind: 'garbage', length: undefined },
  'wrong opaque': { kind: 'opaque' },
  slow: { kind: 'slow', byteMs: 10 },
  evict: { kind: 'evict' },
  restart: { kind: 'restart', keepsItems: false },
  refuse: { kind: 'refuse' },
  reset: { kind: 'reset' },
}

/** The effects with a value, by the name of their field. */
const FIELDS: Readonly<Record<string, (value: unknown) => Effect>> = {
  delay: (value) => ({ kind: 'delay', ms: duration('then.delay', value, 1) }),
  close: (value) => ({ kind: 'close', afterBytes: closingPlace(value) }),
  garbage: (value) => ({
    kind: 'garbage',
    length: wholeNumber('then.garbage', value, 0, MADE_LENGTH_MAX),
  }),
  slow: (value) => ({ kind: 'slow', byteMs: pauseMs(value) }),
  reply: (value) => ({ kind: 'reply', bytes: replyBytes(value) }),
  restart: (value) => ({
    kind: 'restart',
    keepsItems: oneOf('then.restart', value, ['with items', 'without items']) === 'with items',
  }),
}

/** The longest reply that a test may define. */
const MADE_LENGTH_MAX = 1024 * 1024

export function parseEffect(given: unknown): Effect {
  if (typeof given !== 'object' || given === null) {
    if (typeof given !== 'string') throw unknownEffect(given)
    const status = ERROR_STATUSES.get(given)
    if (status !== undefined) return { kind: 'status', status }
    const foreign = FOREIGN_ERRORS.get(given)
    if (foreign !== undefined) return { kind: 'foreign', ...foreign }
    const effect = Object.hasOwn(WORDS, given) ? WORDS[given] : undefined
    if (effect === undefined) throw unknownEffect(given)
    // Each fault has one of its own: see `Faults.takeBack`.
    return { ...effect }
  }
  const names = Object.keys(FIELDS)
  const [name, ...others] = Object.keys(record('then', given, names))
  if (name === undefined || others.length > 0)
    refuse('then', given, `an object with one of the fields ${names.join(', ')}`)
  return FIELDS[name]!((given as Record<string, unknown>)[name])
}

function unknownEffect(given: unknown): TypeError {
  const words = [...ERROR_NAMES, ...Object.keys(WORDS)].map((word) => `'${word}'`)
  const fields = Object.keys(FIELDS).map((name) => `{ ${name} }`)
  return new TypeError(`then: ${shown(given)} is no fault; these are: ${[...words, ...fields].join(', ')}`)
}

/** Without pauses the bytes of a large value would leave no time to anything else. */
function pauseMs(value: unknown): number {
  const ms = duration('then.slow', value, 1)
  return ms > 0 ? ms : refuse('then.slow', value, 'a time above 0')
}

function closingPlace(value: unknown): number {
  if (value === 'before') return 0
  if (value === 'after') return Number.POSITIVE_INFINITY
  if (typeof value === 'string') return refuse('then.close', value, "'before', 'after' or a number of bytes")
  return wholeNumber('then.close', value, 0, Number.MAX_SAFE_INTEGER)
}

function replyBytes(value: unknown): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  if (!isUint8Array(bytes) || bytes.length > MADE_LENGTH_MAX)
    return refuse('then.reply', value, `a string or bytes, at most ${MADE_LENGTH_MAX}`)
  return Buffer.from(bytes)
}
