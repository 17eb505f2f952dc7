import fc from 'fast-check'
import { LEARNED, type TextStep } from './play-text.js'

/** Few keys, and values that fit several commands, so that requests often affect each other. */
const KEYS = ['a', 'b', '#c', 'k'.repeat(250)]
const VALUES = ['', '1', '9', '10', '007', 'text', 'a\r\nEND\r\n', '18446744073709551615', 'v'.repeat(20_000)]
const ENDS = ['', '1', '9', '007', 'text']
/** A Unix time. The two servers compute the remaining time with clocks that may differ by a second. */
const ABSOLUTE = '2147483647'
const EXPIRIES = ['0', '0', '0', '100', '-1', '2592000', '2592001', ABSOLUTE, '4294967295']
const NUMBERS = ['0', '1', '2', '99', '+5', '9223372036854775808', '18446744073709551615']
const CLIENT_FLAGS = ['0', '5', '4294967295']

const of = (...words: readonly string[]) => fc.constantFrom(...words)
const key = of(...KEYS)
const value = of(...VALUES)
const expiry = of(...EXPIRIES)
const number = of(...NUMBERS)
const noreply = of('', '', '', ' noreply')

function words(...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> {
  const arbitraries = parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))
  return fc.tuple(...arbitraries).map((all) => all.join(''))
}

const stores = (verb: fc.Arbitrary<string>, values: fc.Arbitrary<string>, cas = '') =>
  fc
    .tuple(verb, key, of(...CLIENT_FLAGS), expiry, values, noreply)
    .map(
      ([name, k, flags, seconds, v, quiet]) =>
        `${name} ${k} ${flags} ${seconds} ${v.length}${cas}${quiet}\r\n${v}`,
    )

const classic: fc.Arbitrary<TextStep> = fc.oneof(
  { weight: 6, arbitrary: stores(of('set'), value) },
  { weight: 3, arbitrary: stores(of('add', 'replace'), value) },
  { weight: 3, arbitrary: stores(of('append', 'prepend'), of(...ENDS)) },
  { weight: 2, arbitrary: stores(of('cas'), value, ` ${LEARNED}`) },
  { weight: 1, arbitrary: stores(of('cas'), value, ' 0') },
  { weight: 4, arbitrary: words(of('incr ', 'decr '), key, ' ', number, noreply) },
  { weight: 5, arbitrary: words(of('get ', 'gets '), key) },
  { weight: 2, arbitrary: words(of('get ', 'gets '), key, ' ', key, '  ', key) },
  { weight: 2, arbitrary: words(of('gat ', 'gats '), expiry, ' ', key, ' ', key) },
  { weight: 2, arbitrary: words('touch ', key, ' ', expiry, noreply) },
  { weight: 2, arbitrary: words('delete ', key, of('', '', ' 0', ' 5', ' noreply')) },
  {
    weight: 1,
    arbitrary: of('flush_all', 'flush_all noreply', 'version', 'verbosity 0', 'mn', 'nonsense', 'get', ''),
  },
)

/** Flags that 1.6.18 has, each at most once. */
const flagsOf = (...rows: readonly string[]): fc.Arbitrary<string> =>
  fc.shuffledSubarray([...rows], { maxLength: 6 }).map((flags) => flags.map((flag) => ` ${flag}`).join(''))

const metaStep: fc.Arbitrary<TextStep> = fc.oneof(
  {
    weight: 6,
    arbitrary: words('mg ', key, flagsOf('v', 's', 'f', 'c', 'k', 'h', 'q', 'u', 't', 'Oab', 'l')),
  },
  { weight: 2, arbitrary: words('mg ', key, flagsOf('v', 'c', 'k', 't', 'T100', 'N30', 'R200', 'q', 'Oab')) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        key,
        of(...ENDS),
        flagsOf('c', 'k', 'q', 'F7', 'T100', 'Oab', 'I', `C${LEARNED}`),
        of('', '', ' MS', ' ME', ' MR', ' MA', ' MP', ' MX'),
      )
      .map(([k, v, flags, mode]) => `ms ${k} ${v.length}${flags}${mode}\r\n${v}`),
  },
  { weight: 3, arbitrary: words('md ', key, flagsOf('k', 'q', 'Oab', 'I', 'T30', `C${LEARNED}`)) },
  {
    weight: 4,
    arbitrary: words(
      'ma ',
      key,
      flagsOf('v', 'c', 'k', 'q', 't', 'Oab', 'N90', 'J13', 'D10'),
      of('', ' MI', ' MD', ' M+', ' M-'),
    ),
  },
  { weight: 1, arbitrary: words('mg ', key, of(' m', ' v v', ' Tx', ' S', ' D')) },
)

const sequences = (step: fc.Arbitrary<TextStep>) =>
  fc.array(step, { minLength: 1, maxLength: 60, size: 'max' })

export const randomTextSteps = sequences(classic)
export const randomMetaSteps = sequences(
  fc.oneof(
    { weight: 3, arbitrary: metaStep },
    { weight: 1, arbitrary: classic.filter((step) => !step.includes(ABSOLUTE)) },
  ),
)
