// Writes the table of options into the README of lib/options, between its two marks, from the rows of
// lib/options/table/options.ts. With --check it only compares, and fails if the table is old.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, setUp } from './setup.mjs'

const README = join(ROOT, 'lib/options/README.md')
/** With a longer explanation a row of the table would not fit a screen. */
const MEANING_LENGTH_MAX = 55
const BETWEEN_MARKS = /(?<=<!-- options -->\n).*?(?=<!-- \/options -->)/s

setUp()
const { OPTION_NAMES, OPTIONS } = await import(`${ROOT}/dist/lib/options/table/options.js`)
const { spellingsOf, environmentNameOf } = await import(`${ROOT}/dist/lib/options/table/option-row.js`)

const before = readFileSync(README, 'utf8')
if (!BETWEEN_MARKS.test(before))
  fail('lib/options/README.md has no lines <!-- options --> and <!-- /options -->')
const after = before.replace(BETWEEN_MARKS, () => `\n${table()}\n`)
if (before === after) process.exit()
if (process.argv.includes('--check'))
  fail('the options in lib/options/README.md are old: run node scripts/options-table.mjs')
writeFileSync(README, after)

/** With its columns aligned, as biome formats them. Explanations that are too long for a row follow as a list. */
function table() {
  const head = ['option', 'in a program', 'default', 'meaning']
  const working = OPTION_NAMES.filter((name) => OPTIONS[name].isInert !== true)
  const isLong = (name) => OPTIONS[name].help.length > MEANING_LENGTH_MAX
  const rows = working.map((name) => {
    const row = OPTIONS[name]
    const meaning = isLong(name) ? `${beginning(row.help)} …` : row.help
    return [commandLine(row), code(name), defaultOf(row), meaning.replaceAll(/[|<]/g, '\\$&')]
  })
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column].length)))
  const rule = widths.map((width) => '-'.repeat(width))
  const lines = [head, rule, ...rows].map((cells) => cells.map((cell, column) => cell.padEnd(widths[column])))
  const explained = working.filter(isLong).map((name) => {
    const row = OPTIONS[name]
    return `${wrap(`- ${commandLine(row) || code(name)}: ${row.help}.`)}\n`
  })
  return `${lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')}\n${explained.join('')}`
}

/** An item of a list in lines that fit a screen. */
function wrap(item) {
  return item.replace(/(.{1,126})( |$)/g, (_, line, space) => (space ? `${line}\n  ` : line))
}

/** The first part of an explanation. */
function beginning(help) {
  return help.split(/[;:,(]/)[0].trim()
}

function commandLine(row) {
  if (row.extendedName) return code(`-o ${row.extendedName}`)
  const variable = environmentNameOf(row)
  const [first, second] = spellingsOf(row).map(code)
  if (!first && variable) return code(variable)
  return second ? `${first}, ${second}` : (first ?? '')
}

/** A switch is named for its effect, and its field for the state: only the field's default is shown. */
function defaultOf({ kind, default: value }) {
  if (typeof value === 'object' && value !== null) return ''
  const written = kind.argument ? kind.write(value) : String(value)
  return written && code(written)
}

function code(text) {
  return `\`${text}\``
}

function fail(message) {
  console.error(message)
  process.exit(1)
}
