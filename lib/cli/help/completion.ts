/**
 * `keepcached completion SHELL`: scripts made of the tables of sub-commands and of the server's options, so that they
 * offer what the help explains.
 */

import { Refusal } from '../arguments/refusal.js'
import type { OptionRow, Run, SubCommand } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { type CompletedOption, completedOptions } from './completed-options.js'

export const completion: Run = async (given, io, commands) => {
  const [shell = ''] = given.operands
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined
  if (script === undefined)
    throw new Refusal(ExitCode.USAGE, `completion: ${shell} is none of ${Object.keys(SCRIPTS).join(', ')}`)
  await io.write(script(commands))
  return ExitCode.OK
}

const SCRIPTS = { bash, zsh, fish }

/** The completions of a command's argument: words, or the name of a file. */
const wordsOf = (command: SubCommand, commands: readonly SubCommand[]): readonly string[] =>
  command.name === 'help' ? commands.map(({ name }) => name) : asWords(command.completes)

const asWords = (completes: SubCommand['completes']): readonly string[] =>
  completes === undefined || completes === 'file' ? [] : completes

const flagsOf = ({ options }: SubCommand): string[] => [...options.map(({ name }) => `--${name}`), '--help']

function bash(commands: readonly SubCommand[]): string {
  const files = new Set(
    commands.flatMap(({ options }) => options.filter(isFile).map(({ name }) => `--${name}`)),
  )
  const others = new Set(
    commands.flatMap(({ options }) => options.filter(isOther).map(({ name }) => `--${name}`)),
  )
  return `${bashServer(completedOptions())}_keepcached() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if [ "\${COMP_WORDS[1]:0:1}" = - ]; then _keepcached_server; return; fi
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')}' -- "$word"))
    return
  fi
  case $before in
    ${[...files].join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${[...others].join('|')}) return ;;
  esac
  case \${COMP_WORDS[1]} in
${commands.map((command) => bashCase(command, wordsOf(command, commands))).join('')}  esac
}
complete -o filenames -F _keepcached keepcached
`
}

/** After a first word with a dash: then it is the server. */
function bashServer(options: readonly CompletedOption[]): string {
  const labels = (chosen: readonly CompletedOption[]) =>
    chosen.flatMap(({ spellings }) => spellings).join('|')
  const withWords = options.filter(({ completes }) => completes !== 'file' && completes.length > 0)
  const others = options.filter(({ argument, completes }) => argument !== undefined && completes.length === 0)
  const wordCases = withWords.map(
    (option) =>
      `    ${labels([option])}) COMPREPLY=($(compgen -W '${asWords(option.completes).join(' ')}' -- "$word")) ;;\n`,
  )
  return `_keepcached_server() {
  case $before in
    ${labels(options.filter(({ completes }) => completes === 'file'))}) COMPREPLY=($(compgen -f -- "$word")) ;;
${wordCases.join('')}    ${labels(others)}) ;;
    *) COMPREPLY=($(compgen -W '${options.flatMap(({ spellings }) => spellings).join(' ')}' -- "$word")) ;;
  esac
}
`
}

function bashCase(command: SubCommand, words: readonly string[]): string {
  const offered = command.completes === 'file' ? 'compgen -f' : `compgen -W '${words.join(' ')}'`
  return `    ${command.name})
      if [ "\${word:0:1}" = - ]; then COMPREPLY=($(compgen -W '${flagsOf(command).join(' ')}' -- "$word"))
      else COMPREPLY=($(${offered} -- "$word")); fi ;;
`
}

const isFile = (option: OptionRow): boolean => option.completes === 'file'
const isOther = (option: OptionRow): boolean => option.argument !== undefined && !isFile(option)

function zsh(commands: readonly SubCommand[]): string {
  return `#compdef keepcached
_keepcached() {
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}\n`).join('')}  )
  if [[ $words[2] == -* ]]; then
    _arguments ${completedOptions().flatMap(zshServerOption).join(' ')}
    return
  fi
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map((command) => zshCase(command, wordsOf(command, commands))).join('')}  esac
}
compdef _keepcached keepcached
`
}

/** Each spelling on its own; the star allows repetition. A long one has its argument after `=` as well. */
function zshServerOption({ spellings, argument, completes, help }: CompletedOption): string[] {
  const offered = completes === 'file' ? '_files' : completes.length > 0 ? `(${completes.join(' ')})` : ''
  return spellings.map((spelling) => {
    const isLong = spelling.startsWith('--')
    const joint = argument !== undefined && isLong ? '=' : ''
    const behind = argument === undefined ? '' : `:${colonless(argument)}:${offered}`
    return quoted(`*${spelling}${joint}[${bracketless(help)}]${behind}`)
  })
}

function zshCase(command: SubCommand, words: readonly string[]): string {
  const options = [...command.options, HELP].map((option) => {
    const argument =
      option.argument === undefined ? '' : `:${colonless(option.argument)}:${isFile(option) ? '_files' : ''}`
    return quoted(`--${option.name}[${bracketless(option.help)}]${argument}`)
  })
  const operands =
    command.completes === 'file'
      ? ["'*:file:_files'"]
      : words.length > 0
        ? [quoted(`1:word:(${words.join(' ')})`)]
        : []
  return `    ${command.name}) _arguments ${[...options, ...operands].join(' ')} ;;\n`
}

const HELP: OptionRow = { name: 'help', help: 'explain this command' }

/** Colons separate the parts of an option. */
const colonless = (text: string): string => text.replaceAll(':', '\\:')

/** Brackets would end the explanation. */
const bracketless = (text: string): string => text.replaceAll(/[[\]]/g, (bracket) => `\\${bracket}`)

/** fish's own functions accept any word as a command, also a key; here the command is the first word after the program. */
const FISH_COMMAND = `function __keepcached_command
  set -l words (commandline -opc)
  test "$words[2]" = "$argv[1]"
end
function __keepcached_server
  set -l words (commandline -opc)
  test -z "$words[2]"; or string match -q -- '-*' "$words[2]"
end`

function fish(commands: readonly SubCommand[]): string {
  const lines = commands.flatMap((command) => [
    `complete -c keepcached -f -n '__keepcached_command ""' -a ${command.name} -d ${quoted(command.summary)}`,
    ...[...command.options, HELP].map((option) => `${under(command)} ${fishOption(option)}`),
    ...fishOperands(command, wordsOf(command, commands)),
  ])
  const server = completedOptions().map((option) => `${SERVER} ${fishServerOption(option)}`)
  return `${[FISH_COMMAND, `${SERVER} -f`, ...server, ...lines].join('\n')}\n`
}

const SERVER = `complete -c keepcached -n '__keepcached_server'`

const under = ({ name }: SubCommand): string => `complete -c keepcached -n '__keepcached_command ${name}'`

function fishServerOption({ spellings, argument, completes, help }: CompletedOption): string {
  const names = spellings.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  )
  const offered =
    completes === 'file' ? ' -r -F' : completes.length > 0 ? ` -x -a ${quoted(completes.join(' '))}` : ' -x'
  return `${names.join(' ')}${argument === undefined ? '' : offered} -d ${quoted(help)}`
}

function fishOption(option: OptionRow): string {
  const argument = option.argument === undefined ? '' : isFile(option) ? ' -r -F' : ' -x'
  return `-l ${option.name}${argument} -d ${quoted(option.help)}`
}

function fishOperands(command: SubCommand, words: readonly string[]): string[] {
  if (command.completes === 'file') return [`${under(command)} -F`]
  const offered = words.length > 0 ? ` -a ${quoted(words.join(' '))}` : ''
  return [`${under(command)} -f${offered}`]
}

/** For all three shells: within single quotes, which are closed before a single quote and opened again after it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
