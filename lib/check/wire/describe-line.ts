import type { LineMessage } from './message.js'
import { showText, showValue } from './show-bytes.js'
import { LINE_RULES, type LineRule } from './words.js'

/** A line of text or meta: its direction, its word, then its other words by name. */
export function describeLine({ words, data, dataLength }: LineMessage, previewLength: number): string {
  const [word = '', ...rest] = words
  const rule = LINE_RULES.get(word)
  let line = rule === undefined ? unknownLine(words) : `${rule.direction} ${word}${showWords(rule, rest)}`
  if (data !== undefined) line += ` ${showValue(data, dataLength, previewLength)}`
  return line
}

/** A number alone is the reply to incr and decr. */
function unknownLine(words: readonly string[]): string {
  const [word = ''] = words
  return words.length === 1 && /^\d+$/.test(word)
    ? `reply number=${word}`
    : `line ${showText(words.join(' '))}`
}

function showWords(rule: LineRule, words: readonly string[]): string {
  let line = ''
  for (const [index, name] of rule.names.entries()) {
    const all = words.slice(index)
    if (name.endsWith('*')) {
      line += showAll(name.slice(0, -1), all)
      return line
    }
    const word = words[index]
    if (word !== undefined) line += showWord(name, word, rule, words)
  }
  const extra = words.slice(rule.names.length)
  return line + showAll('rest', extra)
}

function showWord(name: string, word: string, rule: LineRule, words: readonly string[]): string {
  if (name === 'key') return showKey(word, rule, words)
  // The length comes before the value.
  if (name === 'length') return ''
  return name === 'noreply?' ? ` ${word}` : ` ${name.replace('?', '')}=${word}`
}

/** With the meta flag b a key is in base64. */
function showKey(word: string, rule: LineRule, words: readonly string[]): string {
  const isEncoded = rule.isMeta && words.slice(1).includes('b')
  if (!isEncoded) return ` key=${showText(word)}`
  return ` key=${showText(Buffer.from(word, 'base64').toString('latin1'))} base64=${word}`
}

function showAll(name: string, words: readonly string[]): string {
  if (words.length === 0) return ''
  if (name === 'keys') return ` keys=${words.map(showText).join(',')}`
  if (name === 'meta') return ` flags=${words.join(',')}`
  return name === 'value' ? ` value=${showText(words.join(' '))}` : ` ${words.map(plainOrQuoted).join(' ')}`
}

const plainOrQuoted = (word: string): string => (/^[!-~]*$/.test(word) ? word : showText(word))
