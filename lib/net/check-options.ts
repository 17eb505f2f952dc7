import { NetError } from './net-error.js'

/** Checks of what a program gives. Each throws a NetError with the code BAD_OPTION that names what is wrong. */

/** Without them the first connection would fail, where no code of the program catches it. */
export function checkParts(codec: unknown, handlers: unknown): void {
  for (const [name, part] of Object.entries({ codec, handlers }))
    if (!['object', 'function'].includes(typeof part) || part === null)
      throw new NetError('BAD_OPTION', `${name}: an object or a function is needed, not ${String(part)}`)
}

/** A misspelled option would have no effect, and nobody would notice. */
export function refuseUnknown(options: object, known: readonly string[], place = ''): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const name = place === '' ? 'options' : place.slice(0, -1)
    throw new NetError('BAD_OPTION', `${name}: an object is needed, not ${String(options)}`)
  }
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw new NetError('BAD_OPTION', `${place}${name}: no such option`)
}

export function number<Options extends object>(
  options: Options,
  name: keyof Options & string,
  byDefault: number,
  min = 0,
  max = Number.POSITIVE_INFINITY,
): number {
  const value: unknown = options[name] ?? byDefault
  if (typeof value === 'number' && value >= min && value <= max) return value
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`
  throw new NetError('BAD_OPTION', `${name}: a number ${range} is needed, not ${String(value)}`)
}

/** One of these, or the first if it is not there. */
export function word<Word extends string | number>(
  options: object,
  name: string,
  words: readonly [Word, ...Word[]],
): Word {
  const value = (options as Readonly<Record<string, unknown>>)[name] ?? words[0]
  if (words.includes(value as Word)) return value as Word
  throw new NetError('BAD_OPTION', `${name}: one of ${words.join(', ')} is needed, not ${String(value)}`)
}

/** Where to connect or to listen. The system would refuse it with an error of its own, or take it for something else. */
export function checkPlace({ host, port, path }: Place, portMin: number): void {
  for (const [name, value] of Object.entries({ host, path }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw new NetError('BAD_OPTION', `${name}: a text is needed, not ${String(value)}`)
  if (port !== undefined) number({ port }, 'port', 0, portMin, PORT_MAX)
  if (port !== undefined && !Number.isInteger(port))
    throw new NetError('BAD_OPTION', `port: a whole number is needed, not ${port}`)
}

interface Place {
  readonly host?: string
  readonly port?: number
  readonly path?: string
}

const PORT_MAX = 65_535

/** Throws unless each of these is a function, or not there. */
export function checkFunction(name: string, given: unknown): void {
  if (given !== undefined && typeof given !== 'function')
    throw new NetError('BAD_OPTION', `${name}: a function is needed, not ${String(given)}`)
}

/** Throws unless it is an object, or not there. */
export function checkObject(name: string, given: unknown): void {
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw new NetError('BAD_OPTION', `${name}: an object is needed, not ${String(given)}`)
}

export function boolean<Options extends object>(
  options: Options,
  name: keyof Options & string,
  byDefault: boolean,
): boolean {
  const value: unknown = options[name] ?? byDefault
  if (typeof value === 'boolean') return value
  throw new NetError('BAD_OPTION', `${name}: true or false is needed, not ${String(value)}`)
}
