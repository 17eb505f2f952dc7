import type { OptionKind } from '../kinds/kind.js'

/** The `p` and the `port` of `-p` and `--port`. */
export interface OptionSpelling {
  readonly letter?: string
  readonly longName?: string
}

/** The definition of an option. */
export interface OptionRow<Value> extends OptionSpelling {
  /** A name in the lists of `-o`, instead. */
  readonly extendedName?: string
  /** The name of an option that the command line does not have, as if it were a long one. */
  readonly environmentName?: string
  readonly kind: OptionKind<Value>
  readonly default: Value
  readonly help: string
  /** Its name in `stats settings`, and the shown value if it differs from that on a command line. */
  readonly settings?: readonly string[]
  readonly settingText?: (value: Value, setting: string) => string
  /** Accepted and shown, but without effect. */
  readonly isInert?: true
}

/** The rows of a part of the options. */
export type OptionTable<Fields> = { readonly [Name in keyof Fields]: OptionRow<Fields[Name]> }

/** `-p` and `--port`, or one of them. */
export function spellingsOf({ letter, longName }: OptionSpelling): string[] {
  const short = letter === undefined ? [] : [`-${letter}`]
  return longName === undefined ? short : [...short, `--${longName}`]
}

/** Every name that an option may have. */
export type OptionNames = OptionSpelling & Pick<OptionRow<unknown>, 'extendedName' | 'environmentName'>

/** The variable of the environment for an option, by its long name or its name in the lists of `-o`. */
export function environmentNameOf(row: OptionNames): string | undefined {
  const name = row.longName ?? row.extendedName ?? row.environmentName
  return name === undefined ? undefined : `${TWIN_PREFIX}${name.toUpperCase().replaceAll('-', '_')}`
}

export const TWIN_PREFIX = 'KEEPCACHED_'
