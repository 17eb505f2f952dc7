import { CHOSEN_NAMES } from './change.js'
import type { ChangesOptions } from './changes-options.js'
import { type Feed, Standing } from './feed.js'

/** Throws if a program asks for what cannot be. */
export function checkChangesOptions(feed: Feed | undefined, options: ChangesOptions): asserts feed is Feed {
  if (feed === undefined)
    throw new ChangesError('changes are off: start the server with `changes`', 'ERR_CHANGES_OFF')
  if (typeof options !== 'object' || options === null) throw new TypeError('options: it is no object')
  const misspelled = Object.keys(options).find((name) => !Object.hasOwn(NAMES, name))
  if (misspelled !== undefined) throw new TypeError(`${misspelled}: there is no such option`)
  const { since, prefix, kinds, heartbeatSeconds, signal } = options
  if (since !== undefined && !isPosition(feed, since))
    throw new RangeError(`since: ${JSON.stringify(since)} is no position`)
  if (prefix !== undefined && typeof prefix !== 'string' && !((prefix as unknown) instanceof Uint8Array))
    throw new TypeError('prefix: it is neither text nor bytes')
  if (kinds !== undefined && !Array.isArray(kinds)) throw new TypeError('kinds: it is no array')
  const unknown = kinds?.find((kind) => !CHOSEN_NAMES.includes(kind))
  if (unknown !== undefined) throw new RangeError(`kinds: ${JSON.stringify(unknown)} is no kind of change`)
  if (heartbeatSeconds !== undefined && !(heartbeatSeconds >= 0))
    throw new RangeError(`heartbeatSeconds: ${heartbeatSeconds} is no time`)
  if (signal !== undefined && !((signal as unknown) instanceof AbortSignal))
    throw new TypeError('signal: it is no AbortSignal')
}

const NAMES: Readonly<Record<keyof ChangesOptions, true>> = {
  prefix: true,
  since: true,
  initial: true,
  values: true,
  kinds: true,
  heartbeatSeconds: true,
  signal: true,
}

/** Changes cannot be followed. */
export class ChangesError extends Error {
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

const isPosition = (feed: Feed, since: unknown): boolean =>
  typeof since === 'string' && feed.standingOf(since) !== Standing.MALFORMED
