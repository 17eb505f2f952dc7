import { combineOptions, type GivenOptions } from './complete-options.js'
import { NO, refusalOf, shown } from './option-kinds.js'
import {
  OPTION_NAMES,
  OPTIONS,
  type OptionName,
  type OptionSpelling,
  type ServerOptions,
  spellingsOf,
} from './options.js'
import { type Effect, findExtendedOption, OTHER_OPTIONS } from './other-options.js'

/** What a command line asks for. */
export type CommandLine =
  | { readonly kind: 'serve'; readonly options: ServerOptions }
  | { readonly kind: 'help' | 'version' | 'license' }
  | Refused

interface Refused {
  readonly kind: 'refused'
  /** One line for the operator. */
  readonly message: string
}

/** Reads the words of a command line, without the name of the program. The first one that is wrong ends it. */
export function parseOptions(words: readonly string[]): CommandLine {
  const collected: Collected = { given: {}, spellings: new Map() }
  for (const typed of readWords(words)) {
    if ('kind' in typed) return typed
    const outcome = obey(typed, collected)
    if (outcome !== undefined) return outcome
  }
  const options = combineOptions(collected.given, (name) => spellingOf(name, collected))
  return typeof options === 'string' ? refused(options) : { kind: 'serve', options }
}

interface Collected {
  readonly given: GivenOptions
  /** How the options were spelled: refusals speak of them as the operator did. */
  readonly spellings: Map<OptionName, string>
}

/** What an option does: it sets one of the server's options, or has another effect. */
type Meaning = { readonly sets: OptionName } | { readonly effect: Effect }

interface Option {
  readonly takesArgument: boolean
  readonly meaning: Meaning
}

/** An option on the command line. */
interface Typed {
  readonly spelling: string
  readonly meaning: Meaning
  /** Empty for an option that takes none. */
  readonly argument: string
}

/** By every spelling, such as `-p` and `--port`. */
const OPTIONS_SPELLED: ReadonlyMap<string, Option> = new Map([
  ...OPTION_NAMES.flatMap((sets) => {
    const row = OPTIONS[sets]
    return spell(row, { takesArgument: row.kind.argument !== undefined, meaning: { sets } })
  }),
  ...OTHER_OPTIONS.flatMap((other) => {
    const { argument, effect } = other
    return spell(other, { takesArgument: argument !== undefined, meaning: { effect } })
  }),
])

function spell(spelled: OptionSpelling, option: Option): (readonly [string, Option])[] {
  return spellingsOf(spelled).map((spelling) => [spelling, option])
}

/** The options among the words. An argument may begin with a dash (`-c -1`), so the words are read one after another. */
function* readWords(words: readonly string[]): Generator<Typed | Refused> {
  const rest = words.values()
  // The loop and the functions within it take from the same iterator.
  for (const word of rest) {
    if (word.startsWith('--')) yield readLongOption(word, rest)
    else if (word.startsWith('-') && word.length > 1) yield* readLetters(word, rest)
    else yield refused(`${shown(word)}: only options are expected, and they begin with a dash`)
  }
}

/** `--disable-cas`, `--port=5000`, or `--port` and the next word. */
function readLongOption(word: string, rest: Iterator<string, undefined>): Typed | Refused {
  const [spelling, joined] = splitAtEquals(word)
  const option = OPTIONS_SPELLED.get(spelling)
  if (option === undefined) return unknown(shown(spelling))
  const { takesArgument, meaning } = option
  if (!takesArgument) {
    return joined === undefined ? { spelling, meaning, argument: '' } : superfluous(spelling, joined)
  }
  const argument = joined ?? rest.next().value
  return argument === undefined ? missing(spelling) : { spelling, meaning, argument }
}

/** `-M`, `-vv`, `-p5000`, `-Mp 5000`: switches, and at the end perhaps an option with its argument. */
function* readLetters(word: string, rest: Iterator<string, undefined>): Generator<Typed | Refused> {
  for (let index = 1; index < word.length; index++) {
    const spelling = `-${word[index]}`
    const option = OPTIONS_SPELLED.get(spelling)
    if (option === undefined) {
      yield unknown(shown(spelling))
      return
    }
    const { takesArgument, meaning } = option
    if (takesArgument) {
      const joined = word.slice(index + 1)
      const argument = joined === '' ? rest.next().value : joined
      yield argument === undefined ? missing(spelling) : { spelling, meaning, argument }
      return
    }
    yield { spelling, meaning, argument: '' }
  }
}

/** Does what one option says. Answers what ends the reading, if anything does. */
function obey({ spelling, meaning, argument }: Typed, collected: Collected): CommandLine | undefined {
  if ('sets' in meaning) return set(meaning.sets, spelling, argument, collected)
  switch (meaning.effect) {
    case 'extended':
      return extend(spelling, argument, collected)
    case 'refused':
      return unavailable(spelling)
    case 'none':
      return undefined
    default:
      return { kind: meaning.effect }
  }
}

function set<Name extends OptionName>(
  name: Name,
  spelling: string,
  typed: string,
  { given, spellings }: Collected,
): Refused | undefined {
  const { kind } = OPTIONS[name]
  const value = kind.read(typed, given[name])
  if (value === undefined || !kind.accepts(value)) return refused(refusalOf(spelling, typed, kind))
  given[name] = value
  spellings.set(name, spelling)
  return undefined
}

/** The list of `-o`: `name` and `name=value`, with commas between them. */
function extend(spelling: string, list: string, collected: Collected): Refused | undefined {
  for (const entry of list.split(',').filter((each) => each !== '')) {
    const [name, value] = splitAtEquals(entry)
    const refusal = extendBy(`${spelling} ${shown(name)}`, name, value, collected)
    if (refusal !== undefined) return refusal
  }
  return undefined
}

function extendBy(
  spelling: string,
  name: string,
  value: string | undefined,
  collected: Collected,
): Refused | undefined {
  const row = EXTENDED_ROWS.get(name)
  const option = row ?? findExtendedOption(name)
  if (option === undefined) return unknown(spelling)
  if (option.effect === 'refused') return unavailable(spelling)
  if (option.value === 'none' && value !== undefined) return superfluous(spelling, value)
  if (option.value === 'required' && !value) return missing(spelling)
  return row && set(row.sets, spelling, value ?? row.typed, collected)
}

interface ExtendedRow {
  readonly effect: 'sets'
  readonly sets: OptionName
  readonly value: 'none' | 'required'
  /** What counts as typed when there is no value. */
  readonly typed: string
}

/** By their names; switches also with `no_` before the name. */
const EXTENDED_ROWS: ReadonlyMap<string, ExtendedRow> = new Map(
  OPTION_NAMES.flatMap((sets): [string, ExtendedRow][] => {
    const { extendedName, kind } = OPTIONS[sets]
    if (extendedName === undefined) return []
    const value = kind.argument === undefined ? 'none' : 'required'
    const row: [string, ExtendedRow] = [extendedName, { effect: 'sets', sets, value, typed: '' }]
    return value === 'none' ? [row, [`no_${extendedName}`, { ...row[1], typed: NO }]] : [row]
  }),
)

/** The parts of `name=value`; the value is undefined where there is no equals sign. */
function splitAtEquals(word: string): [name: string, value: string | undefined] {
  const equals = word.indexOf('=')
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

function spellingOf(name: OptionName, { spellings }: Collected): string {
  return spellings.get(name) ?? spellingsOf(OPTIONS[name])[0] ?? name
}

function refused(message: string): Refused {
  return { kind: 'refused', message }
}

function unknown(spelling: string): Refused {
  return refused(`${spelling}: there is no such option; -h lists them`)
}

function unavailable(spelling: string): Refused {
  return refused(`${spelling}: keepcached does not have this option of memcached`)
}

function missing(spelling: string): Refused {
  return refused(`${spelling}: a value is missing`)
}

function superfluous(spelling: string, value: string): Refused {
  return refused(`${spelling}: takes no value, and ${shown(value)} is one`)
}
