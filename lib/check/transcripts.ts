import { type Check, rowsOf, type Terms } from './check-row.js'
import type { Software } from './run/server-facts.js'

/**
 * The checks of a topic of text or meta, written as a list of transcripts:
 *
 *     # miss: get of a missing key returns only END
 *     > get {k}
 *     < END
 *
 * The name and the rule follow the `#`. Lines with `!` add terms:
 *
 *     ! since 1.6.45: what older servers do
 *     ! differs memcached: what it does
 *     ! destructive
 *     ! tries the limit
 *
 * See run/line-script.ts for the notation of the exchange.
 */
export function transcripts(topic: string, text: string): readonly Check[] {
  const row = rowsOf(topic)
  const [, ...parts] = text.split(/^\s*# /m)
  return parts.map((part) => {
    const [head = '', ...lines] = part.split('\n')
    const [, name = '', rule = ''] = HEAD.exec(head) ?? []
    const isTerm = (line: string): boolean => line.trim().startsWith('! ')
    const script = lines.filter((line) => !isTerm(line)).join('\n')
    return row(name, rule, script, Object.assign({}, ...lines.filter(isTerm).map(termOf)))
  })
}

const HEAD = /^([\w-]+): (.+)$/

function termOf(line: string): Terms {
  const [, word = '', argument = '', why = ''] = /^\s*! (\w+)(?: ([\w.]+): (.+)| .*)?$/.exec(line) ?? []
  const term = TERMS[word]
  if (term === undefined) throw new Error(`unknown term: ${line}`)
  return term(argument, why)
}

const TERMS: Readonly<Record<string, (argument: string, why: string) => Terms>> = {
  since: (version, why) => ({ since: [version, why] }),
  differs: (software, why) => ({ differs: [software as Software, why] }),
  destructive: () => ({ isDestructive: true }),
  tries: () => ({ skipReason: tooHighLimit }),
}

/** A server may take values of a gigabyte; a check tries no more than this, because it would take too long. */
const LIMIT_TRIED_MAX = 8 * 1024 * 1024

export const tooHighLimit: NonNullable<Terms['skipReason']> = ({ itemSizeMax }) =>
  itemSizeMax > LIMIT_TRIED_MAX ? 'its limit is too high to be tried' : undefined
