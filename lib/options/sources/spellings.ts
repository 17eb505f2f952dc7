/** Every option by every name it has: on the command line, in the lists of `-o`, in the environment. */
import { NO } from '../kinds/option-kinds.js'
import { INERT_EXTENDED, INERT_OPTIONS, type InertOption, SHORT_FOR } from '../table/inert-options.js'
import { environmentNameOf, type OptionNames, spellingsOf } from '../table/option-row.js'
import { OPTION_NAMES, OPTIONS, type OptionName } from '../table/options.js'
import { type Effect, isRefusedExtended, OTHER_OPTIONS } from '../table/other-options.js'

/** The effect of an option. */
export type Meaning =
  | { readonly sets: OptionName }
  | { readonly inert: InertOption }
  /** A list of other options of `-o`. */
  | { readonly shortFor: string }
  | { readonly effect: Effect }

export interface Spelled {
  readonly meaning: Meaning
  readonly takesArgument: boolean
}

type Entry = readonly [name: string, spelled: Spelled]

const LETTERED: readonly (OptionNames & { readonly spelled: Spelled })[] = [
  ...OPTION_NAMES.map((sets) => {
    const row = OPTIONS[sets]
    return { ...row, spelled: { meaning: { sets }, takesArgument: row.kind.argument !== undefined } }
  }),
  ...OTHER_OPTIONS.map((row) => {
    const { kind, effect } = row
    return { ...row, spelled: { meaning: { effect }, takesArgument: kind.argument !== undefined } }
  }),
  ...INERT_OPTIONS.map((row) => {
    const { inert } = row
    return { ...row, spelled: { meaning: { inert }, takesArgument: inert.argument !== undefined } }
  }),
]

/** `-p` and `--port`. */
export const SPELLED: ReadonlyMap<string, Spelled> = new Map(
  LETTERED.flatMap((row) => spellingsOf(row).map((spelling): Entry => [spelling, row.spelled])),
)

/** A name in the lists of `-o`. */
export interface Extended {
  readonly meaning: Meaning
  readonly value: 'none' | 'optional' | 'required'
  /** The text that is used if there is no value. */
  readonly alone: string
}

export function findExtended(name: string): Extended | undefined {
  return EXTENDED.get(name) ?? (isRefusedExtended(name) ? REFUSED : undefined)
}

const REFUSED: Extended = { meaning: { effect: 'refused' }, value: 'optional', alone: '' }

const EXTENDED: ReadonlyMap<string, Extended> = new Map([
  ...OPTION_NAMES.flatMap((sets) => {
    const { extendedName, kind } = OPTIONS[sets]
    return extendedName === undefined ? [] : forms(extendedName, { sets }, kind.argument, undefined)
  }),
  ...Object.entries(INERT_EXTENDED).flatMap(([name, inert]) =>
    forms(name, { inert }, inert.argument, inert.alone),
  ),
  ...Object.entries(SHORT_FOR).flatMap(([name, shortFor]) =>
    forms(name, { shortFor }, undefined, '').slice(0, 1),
  ),
])

/** A name unchanged; for a switch also with `no_` before it. */
function forms(
  name: string,
  meaning: Meaning,
  argument: string | undefined,
  alone: string | undefined,
): (readonly [string, Extended])[] {
  if (argument === undefined) {
    const form = { meaning, value: 'none' } as const
    return [
      [name, { ...form, alone: '' }],
      [`no_${name}`, { ...form, alone: NO }],
    ]
  }
  const value = alone === undefined ? 'required' : 'optional'
  return [[name, { meaning, value, alone: alone ?? '' }]]
}

/** `KEEPCACHED_PORT`. Questions have no variable. */
export const ENVIRONMENT_NAMES: ReadonlyMap<string, Spelled> = new Map([
  ...Object.entries(INERT_EXTENDED).map(([extendedName, inert]): Entry => {
    const spelled = { meaning: { inert }, takesArgument: inert.argument !== undefined }
    return [environmentNameOf({ extendedName })!, spelled]
  }),
  ...LETTERED.flatMap((row): Entry[] => {
    const environmentName = isQuestion(row.spelled.meaning) ? undefined : environmentNameOf(row)
    return environmentName === undefined ? [] : [[environmentName, row.spelled]]
  }),
])

function isQuestion(meaning: Meaning): boolean {
  return 'effect' in meaning && ['help', 'version', 'license'].includes(meaning.effect)
}
