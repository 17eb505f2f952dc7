import { Refusal } from '../arguments/refusal.js'
import { CONNECTION_OPTIONS } from '../arguments/server-options.js'
import type { OptionRow, Run, SubCommand } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'

/** `keepcached help [NAME]`. */
export const help: Run = async (given, io, commands) => {
  const [name] = given.operands
  const command = commands.find((row) => row.name === name)
  if (name !== undefined && command === undefined)
    throw new Refusal(ExitCode.USAGE, `${name}: there is no such command`)
  await io.write(command === undefined ? overview(commands) : subCommandHelp(command))
  return ExitCode.OK
}

export function subCommandHelp(command: SubCommand): string {
  const exits = Object.entries(command.exits)
  const sections = [
    [`Usage: keepcached ${command.name} [options] ${command.operands}`.trimEnd(), ''],
    wrap(`${capital(command.summary)}.`, WIDTH),
    ...command.details.map((paragraph) => ['', ...wrap(paragraph, WIDTH)]),
    optionSection('Options:', command.options.filter(isOwn)),
    optionSection(
      'Options for the connection:',
      command.options.filter((row) => !isOwn(row)),
    ),
    exits.length === 0
      ? []
      : ['', 'Exit codes:', ...exits.flatMap(([code, text]) => entry(`  ${code}`, text))],
  ]
  return `${sections.flat().join('\n')}\n`
}

function optionSection(title: string, rows: readonly OptionRow[]): string[] {
  return rows.length === 0 ? [] : ['', title, ...rows.flatMap(optionEntry)]
}

/** Options of this command are listed before those of the connection. */
const isOwn = (row: OptionRow): boolean => !CONNECTION_OPTIONS.includes(row)

export function spelling({ name, argument }: OptionRow): string {
  return argument === undefined ? `--${name}` : `--${name} ${argument}`
}

const WIDTH = 80
/** The column of the explanations. */
const COLUMN = 26

function overview(commands: readonly SubCommand[]): string {
  const lines = [
    'Usage: keepcached [options]           serve; keepcached -h lists the options',
    '       keepcached COMMAND [options]   one of these:',
    '',
    ...commands.flatMap(({ name, operands, summary }) => entry(`  ${name} ${operands}`.trimEnd(), summary)),
    '',
    "'keepcached help NAME' and 'keepcached NAME --help' explain a command.",
  ]
  return `${lines.join('\n')}\n`
}

const optionEntry = (row: OptionRow): string[] => entry(`  ${spelling(row)}`, row.help)

function entry(label: string, text: string): string[] {
  const [first = '', ...rest] = wrap(text, WIDTH - COLUMN)
  const fits = label.length < COLUMN - 1
  const head = fits ? [label.padEnd(COLUMN) + first] : [label, ' '.repeat(COLUMN) + first]
  return [...head, ...rest.map((line) => ' '.repeat(COLUMN) + line)]
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
