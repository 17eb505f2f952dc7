/**
 * Options from a file, in the form of Debian's /etc/memcached.conf:
 *
 *     # a comment
 *     -m 64            as on the command line, one or several in a line
 *     -d               ignored, as by the scripts that start memcached from this file: the command line decides
 *     logfile PATH     for those scripts; keepcached logs to standard error
 */
import { readFileSync, statSync } from 'node:fs'
import { reasonOf } from '../../journal/disk/system-error.js'
import { shown } from '../kinds/kind.js'
import { isWithin } from '../kinds/number-kinds.js'
import { readWords } from './read-words.js'
import { type Refused, refused, type Typed } from './typed.js'

const FILE_LENGTH_MAX = 1024 * 1024

export interface ConfigFile {
  readonly typed: readonly (Typed | Refused)[]
  /** Lines that were ignored, each with its place. */
  readonly withoutEffect: readonly string[]
}

/** `spelling` is the operator's name for the file. */
export function readConfigFile(path: string, spelling: string): ConfigFile | Refused {
  try {
    const facts = statSync(path)
    if (!facts.isFile()) return refused(`${spelling}: ${shown(path)} is not a file`)
    if (!isWithin(facts.size, 0, FILE_LENGTH_MAX))
      return refused(`${spelling}: ${shown(path)} is longer than 1 MiB`)
    return parseConfig(readFileSync(path, 'utf8'), path)
  } catch (error) {
    return refused(`${spelling}: ${shown(path)} cannot be read: ${reasonOf(error)}`)
  }
}

function parseConfig(contents: string, path: string): ConfigFile {
  const typed: (Typed | Refused)[] = []
  const withoutEffect: string[] = []
  for (const [index, line] of contents.split('\n').entries()) {
    const place = ` (${shown(path)}, line ${index + 1})`
    const words = wordsOf(line)
    if (words[0] === 'logfile') withoutEffect.push(words[0] + place)
    else
      for (const each of readWords(words, place)) {
        if (isForTheStarter(each)) withoutEffect.push(each.spelling + place)
        else
          typed.push(
            namesFile(each) ? refused(`${each.spelling}${place}: a file cannot name another one`) : each,
          )
      }
  }
  return { typed, withoutEffect }
}

/** Spaces separate words, quotes and backslashes join them, and a `#` outside of them begins a comment. */
function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [word] of line.matchAll(WORD_OR_COMMENT)) {
    if (word.startsWith('#')) break
    words.push(word.replaceAll(QUOTED, (_, double, single, escaped) => double ?? single ?? escaped))
  }
  return words
}

const WORD_OR_COMMENT = /#|(?:"[^"]*"|'[^']*'|\\.|[^\s#])+/g
const QUOTED = /"([^"]*)"|'([^']*)'|\\(.)/g

/** Only the command line decides whether to detach, or to answer a question. */
function isForTheStarter(each: Typed | Refused): each is Typed {
  return ['daemon', 'help', 'version', 'license'].some((effect) => hasEffect(each, effect))
}

function namesFile(each: Typed | Refused): each is Typed {
  return hasEffect(each, 'config')
}

function hasEffect(each: Typed | Refused, effect: string): boolean {
  return 'meaning' in each && 'effect' in each.meaning && each.meaning.effect === effect
}
