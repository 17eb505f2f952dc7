import { ExitCode } from '../exit-codes.js'
import { ParsedArguments } from './parsed-arguments.js'
import { Refusal } from './refusal.js'
import type { SubCommand } from './sub-command.js'

/** Reads the words after the name. Throws a Refusal at the first error. */
export function parseArguments(command: SubCommand, words: readonly string[]): ParsedArguments {
  const operands: string[] = []
  const options = new Map<string, string>()
  const rest = words.values()
  for (const word of rest) {
    if (word === '--') operands.push(...rest)
    else if (isOption(word)) readOption(command, word, rest, options)
    else operands.push(word)
  }
  const [min, max] = command.operandCount
  if (operands.length < min) throw usage(command, 'there are too few words')
  if (operands.length > max) throw usage(command, `${operands[max]}: there are too many words`)
  return new ParsedArguments(operands, options)
}

/** A lone dash is standard input, and a negative number is a number. */
function isOption(word: string): boolean {
  return word.startsWith('-') && word !== '-' && !/^-\d+$/.test(word)
}

function readOption(
  command: SubCommand,
  word: string,
  rest: Iterator<string, undefined>,
  options: Map<string, string>,
): void {
  const [, name, joined] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
  const row = command.options.find((option) => option.name === name)
  if (row === undefined) throw usage(command, `${word}: there is no such option`)
  if (row.argument === undefined) {
    if (joined !== undefined) throw usage(command, `--${row.name} takes no argument`)
    options.set(row.name, '')
    return
  }
  const argument = joined ?? rest.next().value
  if (argument === undefined) throw usage(command, `--${row.name} needs an argument, ${row.argument}`)
  options.set(row.name, argument)
}

function usage({ name, operands }: SubCommand, message: string): Refusal {
  const synopsis = `keepcached ${name} [options] ${operands}`.trimEnd()
  return new Refusal(ExitCode.USAGE, `${name}: ${message}; the usage is ${synopsis}`)
}
