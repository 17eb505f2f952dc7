import type { GivenOptions } from '../complete-options.js'
import { refusalOf, shown } from '../kinds/kind.js'
import { flag } from '../kinds/option-kinds.js'
import type { InertOption } from '../table/inert-options.js'
import { OPTIONS, type OptionName } from '../table/options.js'
import type { Effect, Question } from '../table/other-options.js'
import { findExtended } from './spellings.js'
import {
  missing,
  type Refused,
  refused,
  splitAtEquals,
  superfluous,
  type Typed,
  unavailable,
  unknown,
} from './typed.js'

/** The options of one source: the command line, the environment or a file. */
export interface Collected {
  readonly given: GivenOptions
  /** How the options were spelled, and where, for errors. */
  readonly spellings: Map<OptionName, string>
  /** What `stats settings` shows of options that have no meaning here. */
  readonly inertSettings: Record<string, string>
  /** Accepted options without effect, as they were spelled. */
  readonly withoutEffect: string[]
  isDaemon?: boolean
  configFile?: { readonly path: string; readonly spelling: string }
}

/** A question, or an error, ends the reading. */
export type Ended = { readonly kind: Question } | Refused

export function collect(typed: Iterable<Typed | Refused>): Collected | Ended {
  const collected: Collected = { given: {}, spellings: new Map(), inertSettings: {}, withoutEffect: [] }
  for (const each of typed) {
    const ended = 'kind' in each ? each : apply(each, collected)
    if (ended !== undefined) return ended
  }
  return collected
}

/** Applies one option. Returns what ends the reading, if anything does. */
function apply(typed: Typed, collected: Collected): Ended | undefined {
  const { meaning } = typed
  if ('sets' in meaning) return set(meaning.sets, typed, collected)
  if ('inert' in meaning) return note(meaning.inert, typed, collected)
  if ('shortFor' in meaning) return extend({ ...typed, argument: meaning.shortFor }, collected)
  return EFFECTS[meaning.effect](typed, collected)
}

const EFFECTS: Readonly<Record<Effect, (typed: Typed, collected: Collected) => Ended | undefined>> = {
  help: () => ({ kind: 'help' }),
  version: () => ({ kind: 'version' }),
  license: () => ({ kind: 'license' }),
  refused: (typed) => unavailable(nameOf(typed)),
  extended: extend,
  daemon(typed, collected) {
    const isDaemon = SWITCH.read(typed.argument, undefined)
    if (isDaemon === undefined) return refused(refusalOf(nameOf(typed), typed.argument, SWITCH))
    collected.isDaemon = isDaemon
    return undefined
  },
  config(typed, collected) {
    if (typed.argument === '') return missing(nameOf(typed))
    collected.configFile = { path: typed.argument, spelling: nameOf(typed) }
    return undefined
  },
}

const SWITCH = flag(true)

function set<Name extends OptionName>(name: Name, typed: Typed, collected: Collected): Refused | undefined {
  const { kind, isInert } = OPTIONS[name]
  const value = kind.read(typed.argument, collected.given[name])
  if (value === undefined || !kind.accepts(value))
    return refused(refusalOf(nameOf(typed), typed.argument, kind))
  collected.given[name] = value
  collected.spellings.set(name, nameOf(typed))
  if (isInert === true) collected.withoutEffect.push(nameOf(typed))
  return undefined
}

function note(inert: InertOption, typed: Typed, collected: Collected): Refused | undefined {
  const settings = inert.settingsFor(typed.argument)
  if (settings === undefined) return refused(refusalOf(nameOf(typed), typed.argument, inert))
  for (const [setting, text] of settings) collected.inertSettings[setting] = text
  collected.withoutEffect.push(nameOf(typed))
  return undefined
}

/** The list of `-o`: `name` and `name=value`, with commas between them. */
function extend(typed: Typed, collected: Collected): Ended | undefined {
  for (const entry of typed.argument.split(',').filter((each) => each !== '')) {
    const ended = extendBy(entry, typed, collected)
    if (ended !== undefined) return ended
  }
  return undefined
}

function extendBy(entry: string, list: Typed, collected: Collected): Ended | undefined {
  const [name, value] = splitAtEquals(entry)
  const spelling = `${list.spelling} ${shown(name)}`
  const where = spelling + list.place
  const option = findExtended(name)
  if (option === undefined) return unknown(where)
  if (option.value === 'none' && value !== undefined) return superfluous(where, value)
  if (option.value === 'required' && !value) return missing(where)
  const { meaning, alone } = option
  return apply({ spelling, place: list.place, meaning, argument: value ?? alone }, collected)
}

function nameOf({ spelling, place }: Typed): string {
  return spelling + place
}
