import { isRegExp } from 'node:util/types'
import { oneOf, record, refuse, wholeNumber } from './checks.js'
import { COMMAND_NAMES, WITH_KEY } from './commands.js'
import type { Effect } from './effect.js'
import type { Fault, FaultOccasion } from './fault.js'
import { parseEffect } from './parse-effect.js'

/** A fault that has been checked. */
export interface ParsedFault {
  /** Undefined: every command. */
  readonly occasions: ReadonlySet<FaultOccasion> | undefined
  readonly matchesKey: ((key: string) => boolean) | undefined
  readonly connection: number | undefined
  readonly times: number
  readonly after: number
  readonly probability: number
  readonly effect: Effect
}

/** Throws a TypeError that names the field that is wrong. */
export function parseFault(given: Fault): ParsedFault {
  const fields = record('fault', given, FIELDS)
  const { on, key, connection, times, after } = fields
  const parsed: ParsedFault = {
    occasions: on === undefined ? undefined : new Set(occasionsOf(on)),
    matchesKey: key === undefined ? undefined : keyTest(key),
    connection:
      connection === undefined
        ? undefined
        : wholeNumber('connection', connection, 1, Number.MAX_SAFE_INTEGER),
    times: times === undefined ? Number.POSITIVE_INFINITY : wholeNumber('times', times, 1, TIMES_MAX),
    after: after === undefined ? 0 : wholeNumber('after', after, 0, TIMES_MAX),
    probability: fields['probability'] === undefined ? 1 : probabilityOf(fields['probability']),
    effect: parseEffect(fields['then']),
  }
  checkOccasion(parsed, fields)
  return parsed
}

const FIELDS = ['on', 'key', 'connection', 'times', 'after', 'probability', 'then']
const TIMES_MAX = 1_000_000_000
const OCCASIONS: readonly FaultOccasion[] = [...COMMAND_NAMES, 'connect']

function occasionsOf(on: unknown): FaultOccasion[] {
  const names: unknown[] = Array.isArray(on) ? on : [on]
  if (names.length === 0) refuse('on', on, 'the name of a command')
  return names.map((name) => oneOf('on', name, OCCASIONS))
}

function keyTest(key: unknown): (key: string) => boolean {
  if (typeof key === 'string') return (other) => other === key
  if (!isRegExp(key)) return refuse('key', key, 'a string or a regular expression')
  // One with the flag g or y would remember where the last key matched.
  const pattern = new RegExp(key.source, key.flags.replace(/[gy]/g, ''))
  return (other) => pattern.test(other)
}

function probabilityOf(given: unknown): number {
  if (typeof given === 'number' && given > 0 && given <= 1) return given
  return refuse('probability', given, 'a number above 0 and at most 1')
}

/** What can happen to a connection as it arrives; and what can happen to nothing else. */
const OF_CONNECT: ReadonlySet<Effect['kind']> = new Set(['refuse', 'reset', 'close', 'timeout'])
const OF_CONNECT_ONLY: ReadonlySet<Effect['kind']> = new Set(['refuse', 'reset'])

function checkOccasion(
  { occasions, effect, probability }: ParsedFault,
  fields: Record<string, unknown>,
): void {
  const isConnect = occasions?.has('connect') === true
  if (isConnect && occasions?.size !== 1) refuse('on', fields['on'], "'connect' alone, or names of commands")
  if (!isConnect && OF_CONNECT_ONLY.has(effect.kind))
    throw new TypeError(`then: ${effect.kind} needs on: 'connect'`)
  const withoutKey = [...(occasions ?? [])].find((name) => !WITH_KEY.has(name))
  if (effect.kind === 'evict' && withoutKey !== undefined)
    throw new TypeError(`on: ${withoutKey} has no item that could be evicted`)
  if (!isConnect) return
  if (!OF_CONNECT.has(effect.kind))
    throw new TypeError(`then: a connection can only ${[...OF_CONNECT].join(', ')} on connect`)
  if (effect.kind === 'close' && effect.afterBytes > 0)
    throw new TypeError("then.close: on connect there is no reply; use 'close'")
  for (const name of ['key', 'connection'])
    if (fields[name] !== undefined) throw new TypeError(`${name}: on connect there is none`)
  if (effect.kind !== 'refuse') return
  for (const name of ['times', 'after'])
    if (fields[name] !== undefined)
      throw new TypeError(
        `${name}: the system does not tell how many connections it refuses; use 'reset' to count`,
      )
  if (probability !== 1) throw new TypeError("probability: 'refuse' holds for every connection; use 'reset'")
}
