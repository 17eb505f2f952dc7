import { OPTION_NAMES, OPTIONS, type OptionName, type OptionSpelling, spellingsOf } from './options.js'
import { OTHER_OPTIONS, type OtherOption } from './other-options.js'

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
    ...wrap(withoutEffect(), WIDTH),
  ]
  return `${lines.join('\n')}\n`
}

const WIDTH = 80
/** Where the explanations begin. */
const COLUMN = 32

function entryOf(name: OptionName): string[] {
  const row = OPTIONS[name]
  if (row.letter === undefined) return []
  const written = writtenDefault(name)
  const help = written === '' ? row.help : `${row.help} (default: ${written})`
  return entry(labelOf({ ...row, argument: row.kind.argument }), help)
}

function otherEntryOf(option: OtherOption): string[] {
  return option.help === undefined ? [] : entry(labelOf(option), option.help)
}

function extendedEntryOf(name: OptionName): string[] {
  const { extendedName, help } = OPTIONS[name]
  return extendedName === undefined ? [] : entry(`   - ${extendedName}`, help)
}

/** As one would type it; empty for switches, and for what is missing by default. */
function writtenDefault<Name extends OptionName>(name: Name): string {
  const { kind, default: value } = OPTIONS[name]
  return kind.argument === undefined ? '' : kind.write(value)
}

/** `-p, --port=<num>`, or `-D <char>` where there is no long name. */
function labelOf(option: OptionSpelling & { readonly argument?: string | undefined }): string {
  const spellings = spellingsOf(option).join(', ')
  if (option.argument === undefined) return spellings
  return `${spellings}${option.longName === undefined ? ' ' : '='}${option.argument}`
}

function withoutEffect(): string {
  const ignored = OTHER_OPTIONS.filter((option) => option.effect === 'none').flatMap(spellingsOf)
  return (
    `For the sake of command lines made for memcached, ${ignored.join(', ')} are accepted and have no effect, ` +
    'nor have the extended options that tune the slabs, LRU threads, hash table and log buffers of memcached.'
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
