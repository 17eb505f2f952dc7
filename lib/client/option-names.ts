import { badOption, isObject, nameAt } from './check-options.js'
import type { ClientError } from './client-error.js'

/** The names of the options of a call. Without a prototype: a look-up finds these alone. */
export type CallOptionNames = Readonly<Record<string, true>>

/** From a record, so that none is forgotten. */
export function callOptionNames<Options>(names: Readonly<Record<keyof Options, true>>): CallOptionNames {
  return Object.freeze(Object.assign(Object.create(null) as object, names))
}

/** Throws BAD_OPTION unless it is an object with these names alone. Each call passes here: it allocates nothing. */
export function checkCallOptions(options: unknown, names: CallOptionNames): void {
  if (options === undefined) return
  if (!isRecord(options)) throw badOption('options', 'an object')
  // Inherited ones are not the caller's: a package may have added to Object.prototype.
  for (const name in options)
    if (!(name in names) && Object.hasOwn(options, name)) throw unknownOption('', name, Object.keys(names))
}

/** The same for an option of the client, or for an object inside of it, whose name is `place`. */
export function checkNames(place: string, given: unknown, names: readonly string[]): void {
  if (!isRecord(given)) throw badOption(place === '' ? 'options' : place, 'an object')
  for (const name of Object.keys(given)) if (!names.includes(name)) throw unknownOption(place, name, names)
}

/** A list is an object, too, and has no options. */
const isRecord = (given: unknown): given is object => isObject(given) && !Array.isArray(given)

/** A misspelled option would have no effect. The error names one that may have been meant. */
function unknownOption(place: string, name: string, names: readonly string[]): ClientError {
  const meant = meantBy(name, names)
  const question = meant === undefined ? '' : `; did you mean ${nameAt(place, meant)}?`
  return badOption(nameAt(place, name), `there is no such option${question}`)
}

function meantBy(given: string, names: readonly string[]): string | undefined {
  const word = given.toLowerCase()
  const here = ELSEWHERE.get(word)
  if (here !== undefined && names.includes(here)) return here
  return names.find((name) => isOneEditAway(word, name.toLowerCase()))
}

/** The same but for one character that is missing, too much or wrong, or two that are swapped. */
function isOneEditAway(one: string, other: string): boolean {
  let start = 0
  while (start < one.length && one[start] === other[start]) start++
  const [rest, otherRest] = [one.slice(start), other.slice(start)]
  const isSwapped = rest[0] === otherRest[1] && rest[1] === otherRest[0]
  return (
    rest === otherRest.slice(1) ||
    rest.slice(1) === otherRest ||
    rest.slice(1) === otherRest.slice(1) ||
    (isSwapped && rest.slice(2) === otherRest.slice(2))
  )
}

/** The names that other clients have, in lower case. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['expire', 'ttl'],
  ['expires', 'ttl'],
  ['expiration', 'ttl'],
  ['expiry', 'ttl'],
  ['exptime', 'ttl'],
  ['lifetime', 'ttl'],
  ['maxage', 'ttl'],
  ['timeoutms', 'timeout'],
  ['username', 'credentials'],
  ['password', 'credentials'],
])
