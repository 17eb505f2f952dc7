import { ExitCode } from '../exit-codes.js'
import { Refusal } from './refusal.js'

/** The command line after the name of a sub-command. */
export class ParsedArguments {
  readonly operands: readonly string[]
  private readonly options: ReadonlyMap<string, string>

  constructor(operands: readonly string[], options: ReadonlyMap<string, string>) {
    this.operands = operands
    this.options = options
  }

  has(name: string): boolean {
    return this.options.has(name)
  }

  /** The argument of an option, or undefined if it was not given. */
  text(name: string): string | undefined {
    return this.options.get(name)
  }

  /** The options whose names begin so, under the rest of their names. */
  under(prefix: string): ParsedArguments {
    const own = [...this.options].filter(([name]) => name.startsWith(prefix))
    return new ParsedArguments([], new Map(own.map(([name, text]) => [name.slice(prefix.length), text])))
  }

  /** A number that is an option's argument. */
  number(name: string, otherwise: number, [min, max]: readonly [number, number]): number {
    const text = this.options.get(name)
    return text === undefined ? otherwise : numberIn(`--${name}`, text, [min, max])
  }
}

/** A whole number within bounds, or a Refusal that names its option. */
export function numberIn(what: string, text: string, [min, max]: readonly [number, number]): number {
  const number = Number(text)
  if (/^-?\d+$/.test(text) && number >= min && number <= max) return number
  throw new Refusal(ExitCode.USAGE, `${what}: ${text} is not a number from ${min} to ${max}`)
}
