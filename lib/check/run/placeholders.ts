import type { CasNames } from './cas-names.js'
import type { Keys } from './keys.js'
import type { ServerFacts } from './server-facts.js'

/** Replaces the braces of a transcript. */
export class Placeholders {
  private readonly checkName: string
  private readonly keys: Keys
  private readonly casNames: CasNames
  private readonly facts: ServerFacts

  constructor(checkName: string, keys: Keys, casNames: CasNames, facts: ServerFacts) {
    this.checkName = checkName
    this.keys = keys
    this.casNames = casNames
    this.facts = facts
  }

  /** The bytes to send, one per character. */
  sent(line: string): string {
    const text = line.replaceAll(BRACES, (_, inside: string) => this.literal(inside))
    return line.endsWith('{join}') ? text : `${text}\r\n`
  }

  /** Compares a received line with the expected one. Returns the difference, if any. */
  matches(expected: string, received: string): boolean {
    if (!VARIABLE.test(expected)) return this.shown(expected) === received
    const casNames: string[] = []
    const pattern = expected.split(BRACES).map((part, index) => {
      if (index % 2 === 0) return escaped(part)
      if (part.startsWith('cas ')) {
        casNames.push(part.slice('cas '.length))
        return '(\\d+)'
      }
      return PATTERNS[part] ?? escaped(this.literal(part))
    })
    const found = new RegExp(`^${pattern.join('')}$`, 's').exec(received)
    if (found === null) return false
    return casNames.every((name, index) => this.casNames.accepts(name, BigInt(found[index + 1]!)))
  }

  /** The expected line in readable form: with its keys, but with the names of what may vary. */
  shown(expected: string): string {
    return expected.replaceAll(BRACES, (braces, inside: string) =>
      inside.startsWith('cas ') || inside === 'statistics' || inside in PATTERNS
        ? braces
        : this.literal(inside),
    )
  }

  private literal(inside: string): string {
    if (inside in BYTES) return BYTES[inside]!
    const [, filler, count] = /^(.)\*(\d+)$/.exec(inside) ?? []
    if (filler !== undefined) return filler.repeat(Number(count))
    const [, above] = /^max(?:\+(\d+))?$/.exec(inside) ?? []
    if (/^max(?:\+\d+)?$/.test(inside)) return 'x'.repeat(this.facts.itemSizeMax + Number(above ?? 0))
    const [word = '', argument = ''] = inside.split(' ')
    if (word === 'length') return `${this.facts.itemSizeMax + Number(argument)}`
    if (word === 'cas') return `${this.casNames.valueOf(argument)}`
    if (word === 'byte') return String.fromCharCode(Number.parseInt(argument, 16))
    if (word === 'base64') return Buffer.from(this.key(argument), 'latin1').toString('base64')
    return this.key(inside)
  }

  private key(named: string): string {
    const [name = '', length] = named.split(':')
    return this.keys.key(this.checkName, name, Number(length ?? 0))
  }
}

const BRACES = /\{([^{}]+)\}/g
/** In expected lines: the rest of the line has no placeholder, and may be long. */
const VARIABLE = /\{(?:cas \w+|number|any|error)\}/

const BYTES: Readonly<Record<string, string>> = {
  nul: '\0',
  cr: '\r',
  lf: '\n',
  sp: ' ',
  tab: '\t',
  join: '',
}

const PATTERNS: Readonly<Record<string, string>> = {
  number: '\\d+',
  any: '.*',
  error: '(?:ERROR|CLIENT_ERROR|SERVER_ERROR).*',
}

const escaped = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
