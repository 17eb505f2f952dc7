import { shown } from '../kinds/kind.js'
import { SPELLED } from './spellings.js'
import { missing, type Refused, refused, splitAtEquals, superfluous, type Typed, unknown } from './typed.js'

/**
 * The options in the words of a command line. An argument may begin with a dash (`-c -1`), so the words are read one
 * after another. `place` says where the words are if not on the command line itself.
 */
export function* readWords(words: readonly string[], place = ''): Generator<Typed | Refused> {
  const rest = words.values()
  // The loop and the functions within it share one iterator.
  for (const word of rest) {
    if (word.startsWith('--')) yield readLongOption(word, rest, place)
    else if (word.startsWith('-') && word.length > 1) yield* readLetters(word, rest, place)
    else yield refused(`${shown(word)}${place}: only options are expected, and they begin with a dash`)
  }
}

/** `--disable-cas`, `--port=5000`, or `--port` and the next word. */
function readLongOption(word: string, rest: Iterator<string, undefined>, place: string): Typed | Refused {
  const [spelling, joined] = splitAtEquals(word)
  const option = SPELLED.get(spelling)
  if (option === undefined) return unknown(shown(spelling) + place)
  const { takesArgument, meaning } = option
  if (!takesArgument) {
    if (joined !== undefined) return superfluous(spelling + place, joined)
    return { spelling, place, meaning, argument: '' }
  }
  const argument = joined ?? rest.next().value
  return argument === undefined ? missing(spelling + place) : { spelling, place, meaning, argument }
}

/** `-M`, `-vv`, `-p5000`, `-Mp 5000`: switches, and at the end optionally an option with its argument. */
function* readLetters(
  word: string,
  rest: Iterator<string, undefined>,
  place: string,
): Generator<Typed | Refused> {
  for (let index = 1; index < word.length; index++) {
    const spelling = `-${word[index]}`
    const option = SPELLED.get(spelling)
    if (option === undefined) {
      yield unknown(shown(spelling) + place)
      return
    }
    const { takesArgument, meaning } = option
    if (takesArgument) {
      const joined = word.slice(index + 1)
      const argument = joined === '' ? rest.next().value : joined
      yield argument === undefined ? missing(spelling + place) : { spelling, place, meaning, argument }
      return
    }
    yield { spelling, place, meaning, argument: '' }
  }
}
