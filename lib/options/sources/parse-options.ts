import { combineOptions } from '../complete-options.js'
import { spellingsOf } from '../table/option-row.js'
import { OPTIONS, type OptionName, type ServerOptions } from '../table/options.js'
import { type Collected, collect, type Ended } from './collect.js'
import { readConfigFile } from './config-file.js'
import { type Environment, readEnvironment, unknownVariables } from './environment.js'
import { readWords } from './read-words.js'
import { refused } from './typed.js'

/** The result of reading a command line. */
export type CommandLine = Serve | Ended

export interface Serve {
  readonly kind: 'serve'
  readonly options: ServerOptions
  /** Whether to detach from the terminal. */
  readonly isDaemon: boolean
  /** Warnings for the operator about probable mistakes. */
  readonly warnings: readonly string[]
  /** Accepted options without effect, as they were spelled. */
  readonly withoutEffect: readonly string[]
}

/**
 * Reads the words of a command line, without the name of the program, and adds options from the environment and
 * from a file. The command line overrides the environment, and both override the file. The first error ends
 * the reading.
 */
export function parseOptions(words: readonly string[], environment: Environment = {}): CommandLine {
  const commandLine = collect(readWords(words))
  if ('kind' in commandLine) return commandLine
  const variables = collect(readEnvironment(environment))
  if ('kind' in variables) return variables
  const file = collectFile(commandLine, variables)
  if ('kind' in file) return file

  const all = merge([file, variables, commandLine])
  const options = combineOptions(all.given, (name) => spellingOf(name, all))
  if (typeof options === 'string') return refused(options)
  const warnings = unknownVariables(environment).map((name) => `${name}: there is no such option; ignored`)
  return {
    kind: 'serve',
    options,
    isDaemon: all.isDaemon ?? false,
    warnings,
    withoutEffect: all.withoutEffect,
  }
}

function collectFile(commandLine: Collected, variables: Collected): Collected | Ended {
  const named = commandLine.configFile ?? variables.configFile
  if (named === undefined) return collect([])
  const file = readConfigFile(named.path, named.spelling)
  if ('kind' in file) return file
  const collected = collect(file.typed)
  if (!('kind' in collected)) collected.withoutEffect.push(...file.withoutEffect)
  return collected
}

/** Later sources override earlier ones. */
function merge(sources: readonly Collected[]): Collected {
  const settings = Object.assign({}, ...sources.map(({ inertSettings }) => inertSettings))
  const given = Object.assign({}, ...sources.map((source) => source.given))
  return {
    ...Object.assign({}, ...sources),
    given: Object.keys(settings).length === 0 ? given : { ...given, inertSettings: settings },
    spellings: new Map(sources.flatMap(({ spellings }) => [...spellings])),
    inertSettings: settings,
    withoutEffect: sources.flatMap(({ withoutEffect }) => withoutEffect),
  }
}

function spellingOf(name: OptionName, { spellings }: Collected): string {
  const row = OPTIONS[name]
  return spellings.get(name) ?? spellingsOf(row)[0] ?? (row.extendedName ? `-o ${row.extendedName}` : name)
}
