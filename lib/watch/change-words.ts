import { readPosition } from '../feed/position.js'
import type { WatchedChanges } from '../request/session.js'

/** The words behind `watch changes`: `[prefix=P] [since=POSITION] [initial] [values]`. Undefined if one of them is wrong. */
export function readChangeWords(words: readonly string[]): WatchedChanges | undefined {
  const wanted: { -readonly [Name in keyof WatchedChanges]: WatchedChanges[Name] } = {
    prefix: NO_PREFIX,
    since: undefined,
    initial: false,
    values: false,
  }
  const seen = new Set<string>()
  for (const word of words) {
    const [name = '', argument] = splitWord(word)
    if (seen.has(name)) return undefined
    seen.add(name)
    if (name === 'prefix' && argument !== undefined) wanted.prefix = percentDecoded(argument)
    else if (name === 'since' && argument !== undefined && readPosition(argument) !== undefined)
      wanted.since = argument
    else if ((name === 'initial' || name === 'values') && argument === undefined) wanted[name] = true
    else return undefined
  }
  return wanted
}

function splitWord(word: string): [name: string, argument?: string] {
  const at = word.indexOf('=')
  return at < 0 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}

/** Keys stand in the lines like this; other characters mean themselves. */
const percentDecoded = (text: string): Buffer =>
  Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 16)),
    ),
    'latin1',
  )

const NO_PREFIX = Buffer.alloc(0)
