import { shown } from '../kinds/kind.js'
import type { Meaning } from './spellings.js'

/** An option as it was found in a source, not yet applied. */
export interface Typed {
  /** As the operator knows it: `-p`, `--port`, `KEEPCACHED_PORT`. */
  readonly spelling: string
  /** Its place if not on the command line, to be appended to the spelling. */
  readonly place: string
  readonly meaning: Meaning
  /** Empty for an option without an argument. */
  readonly argument: string
}

export interface Refused {
  readonly kind: 'refused'
  /** One line for the operator. */
  readonly message: string
}

export function refused(message: string): Refused {
  return { kind: 'refused', message }
}

export function unknown(spelling: string): Refused {
  return refused(`${spelling}: there is no such option; -h lists them`)
}

export function unavailable(spelling: string): Refused {
  return refused(`${spelling}: keepcached does not have this option of memcached`)
}

export function missing(spelling: string): Refused {
  return refused(`${spelling}: a value is missing`)
}

export function superfluous(spelling: string, value: string): Refused {
  return refused(`${spelling}: takes no value, and ${shown(value)} is one`)
}

/** The parts of `name=value`; the value is undefined if there is no equals sign. */
export function splitAtEquals(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf('=')
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}
