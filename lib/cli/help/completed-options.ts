import { spellingsOf } from '../../options/table/option-row.js'
import { OPTION_NAMES, OPTIONS } from '../../options/table/options.js'
import { OTHER_OPTIONS } from '../../options/table/other-options.js'

/** An option of the server, for shell completion. */
export interface CompletedOption {
  /** `-p` and `--port`. */
  readonly spellings: readonly string[]
  /** The name of its argument, such as `num`; undefined for a switch. */
  readonly argument: string | undefined
  /** The completions of the argument: names of files, or these words. */
  readonly completes: 'file' | readonly string[]
  readonly help: string
}

/** The options listed by `keepcached -h`: those that have an effect. */
export function completedOptions(): CompletedOption[] {
  const rows = OPTION_NAMES.map((name) => OPTIONS[name])
  const extendedNames = rows.flatMap(({ extendedName, isInert }) =>
    extendedName === undefined || isInert === true ? [] : [extendedName],
  )
  return [...rows.filter(({ isInert }) => isInert !== true), ...OTHER_OPTIONS].flatMap((row) => {
    const spellings = spellingsOf(row)
    if (spellings.length === 0 || row.help === undefined) return []
    const argument = row.kind.argument?.replaceAll(/[<>]/g, '')
    const words = 'effect' in row && row.effect === 'extended' ? extendedNames : []
    const completes = argument === 'file' || argument === 'dir' ? 'file' : words
    return [{ spellings, argument, completes, help: row.help }]
  })
}
