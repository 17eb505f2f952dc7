import { INERT_EXTENDED, INERT_OPTIONS } from './table/inert-options.js'
import { environmentNameOf, type OptionSpelling, spellingsOf } from './table/option-row.js'
import { OPTION_NAMES, OPTIONS, type OptionName } from './table/options.js'
import { OTHER_OPTIONS, type OtherOption } from './table/other-options.js'

/** What `-h` prints: the options that have an effect, and in one paragraph those that have none. */
export function helpText(version: string): string {
  const lines = [
    `keepcached ${version} (memcached protocol 1.6)`,
    '',
    'Usage: keepcached [options]',
    '       keepcached help          lists the tools that come with the server',
    '',
    ...OPTION_NAMES.flatMap(entryOf),
    ...OTHER_OPTIONS.flatMap(otherEntryOf),
    ...OPTION_NAMES.flatMap(extendedEntryOf),
    '',
    ...wrap(environment(), WIDTH),
    '',
    ...wrap(withoutEffect(), WIDTH),
  ]
  return `${lines.join('\n')}\n`
}

const WIDTH = 80
/** The column of the explanations. */
const COLUMN = 32

function entryOf(name: OptionName): string[] {
  const row = OPTIONS[name]
  if (spellingsOf(row).length === 0 || row.isInert === true) return []
  const written = writtenDefault(name)
  const help = written === '' ? row.help : `${row.help} (default: ${written})`
  return entry(labelOf({ ...row, argument: row.kind.argument }), help)
}

function otherEntryOf(option: OtherOption): string[] {
  const { kind, help } = option
  return help === undefined ? [] : entry(labelOf({ ...option, argument: kind.argument }), help)
}

function extendedEntryOf(name: OptionName): string[] {
  const { extendedName, help, isInert } = OPTIONS[name]
  if (extendedName === undefined || isInert === true) return []
  const written = writtenDefault(name)
  return entry(`   - ${extendedName}`, written === '' ? help : `${help} (default: ${written})`)
}

/** As on a command line; empty for switches, and for missing defaults. */
function writtenDefault<Name extends OptionName>(name: Name): string {
  const { kind, default: value } = OPTIONS[name]
  return kind.argument === undefined ? '' : kind.write(value)
}

/** `-p, --port=<num>`, or `-D <char>` without a long name. */
function labelOf(option: OptionSpelling & { readonly argument?: string | undefined }): string {
  const spellings = spellingsOf(option).join(', ')
  if (option.argument === undefined) return spellings
  return `${spellings}${option.longName === undefined ? ' ' : '='}${option.argument}`
}

function environment(): string {
  const [memory, fast] = [OPTIONS.memoryMegabytes, OPTIONS.maxconnsFast]
  return (
    `Each option can come from the environment, by its long name: ${environmentNameOf(memory)} for --${memory.longName}, ` +
    `${environmentNameOf(fast)} for -o ${fast.extendedName}; switches are yes or no. The command line overrides the ` +
    'environment, and the environment overrides the file of --config.'
  )
}

function withoutEffect(): string {
  const ignored = INERT_OPTIONS.flatMap(spellingsOf).join(', ')
  const names = Object.keys(INERT_EXTENDED)
  return (
    `For compatibility with memcached, ${ignored} are accepted without effect, and so are, ` +
    `after -o, ${names.join(', ')}. With -vv the program lists those that were given.`
  )
}

function entry(label: string, help: string): string[] {
  const [first = '', ...rest] = wrap(help, WIDTH - COLUMN)
  return [`${label.padEnd(COLUMN - 1)} ${first}`, ...rest.map((line) => ' '.repeat(COLUMN) + line)]
}

function wrap(text: string, width: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines
}
