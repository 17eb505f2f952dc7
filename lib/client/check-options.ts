import { ClientError } from './client-error.js'

export const badOption = (name: string, words: string): ClientError =>
  new ClientError('BAD_OPTION', `${name}: ${words}`)

/** Throws BAD_OPTION if one of these is there and no function. */
export function checkFunctions(place: string, given: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = (given as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined && typeof value !== 'function') throw badOption(nameAt(place, name), 'a function')
  }
}

/** Throws BAD_OPTION if it is there and none of the words. */
export function checkWord(name: string, given: unknown, words: readonly string[]): void {
  if (given !== undefined && !words.includes(given as string))
    throw badOption(name, `one of ${words.join(', ')}`)
}

/** Throws BAD_OPTION if it is there and no time that a timer can have. */
export function checkTime(name: string, given: unknown): void {
  if (given !== undefined && !isTime(given)) throw badTime(name, given)
}

export const isTime = (given: unknown): boolean =>
  typeof given === 'number' && given > 0 && given <= TIME_MS_MAX

export const badTime = (name: string, given: unknown): ClientError =>
  badOption(name, `from 1 to ${TIME_MS_MAX} ms, not ${String(given)}`)

/** As for the timers of Node. */
export const TIME_MS_MAX = 0x7fff_ffff

export const isObject = (given: unknown): given is object => typeof given === 'object' && given !== null

/** Not by its class: there are signals of other realms, and of packages. */
export const isSignal = (given: unknown): given is AbortSignal =>
  isObject(given) &&
  'aborted' in given &&
  typeof given.aborted === 'boolean' &&
  'addEventListener' in given &&
  typeof given.addEventListener === 'function'

export const nameAt = (place: string, name: string): string => (place === '' ? name : `${place}.${name}`)
