import { Command } from '../../request/command.js'
import { VERBOSITY_MAX } from '../../request/limits.js'
import { ListKind, type Request, ShutdownMode } from '../../request/request.js'
import { isStatisticsGroup } from '../../request/statistics-groups.js'
import type { Line } from '../line.js'
import { Answer, answerWith } from './answers.js'
import { VERBS, type WordsVerb } from './verbs.js'

/** Commands that are not about items. They are rare, so their words may be strings. */
export function decodeWords(line: Line, request: Request): number {
  const { bytes, wordEnd: verbEnd } = line
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + verbEnd, line.end - verbEnd).toString('latin1')
  const words = text.split(' ').filter((word) => word !== '')
  request.isQuiet = words.at(-1) === 'noreply' && TAKES_NOREPLY.has(request.command)
  request.keyStart = verbEnd
  request.keyEnd = verbEnd
  const answer = READERS[VERBS[request.opcode]!.name as WordsVerb](request, words, bytes)
  return answer === Answer.NONE ? line.next : answerWith(request, answer, line.next)
}

const TAKES_NOREPLY: ReadonlySet<Command> = new Set([
  Command.FLUSH,
  Command.VERBOSITY,
  Command.LIMIT_MEMORY,
  Command.NOOP,
  Command.REFRESH_CERTIFICATES,
  Command.WATCH,
])

/** Fills in the request, or returns the reply. */
type Reader = (request: Request, words: readonly string[], bytes: Uint8Array) => Answer

const READERS: Readonly<Record<WordsVerb, Reader>> = {
  stats: readStats,
  flush_all: readFlush,
  verbosity(request, words) {
    if (words.length < 1 || words.length > 2) return Answer.ERROR
    const level = unsignedIn(words[0])
    if (level === undefined) return Answer.BAD_FORMAT
    request.verbosity = Math.min(level, VERBOSITY_MAX)
    return Answer.NONE
  },
  cache_memlimit(request, words) {
    const megabytes = unsignedIn(words[0])
    if (megabytes === undefined || words.length > 2) return Answer.ERROR
    request.megabytes = megabytes
    if (request.megabytes < MEMORY_MEGABYTES_MIN) return Answer.MEMORY_TOO_SMALL
    return request.megabytes > MEGABYTES_MISTAKEN ? Answer.MEMORY_IN_BYTES : Answer.NONE
  },
  lru_crawler: readCrawler,
  lru: readLru,
  slabs: readSlabs,
  debugtime(request, words) {
    if (!/^[+-]?\d{1,9}$/.test(words[0] ?? '')) return Answer.ERROR
    request.expiry = Number(words[0])
    return Answer.NONE
  },
  shutdown(request, words) {
    const isGraceful = words.length === 1 && words[0] === 'graceful'
    request.shutdownMode = isGraceful
      ? ShutdownMode.GRACEFUL
      : words.length === 0
        ? ShutdownMode.AT_ONCE
        : ShutdownMode.UNKNOWN
    return Answer.NONE
  },
  refresh_certs: () => Answer.NONE,
  // lib/watch knows which kinds of events there are.
  watch: (request, words, bytes) => nameWords(request, bytes, words.join(' ')),
}

const MEMORY_MEGABYTES_MIN = 8
/** From here on memcached reads a number of megabytes as one of bytes. */
const MEGABYTES_MISTAKEN = 1_000_000_000

/** As memcached reads one: of 64 bits, of which the lower 32 count. */
const unsignedIn = (word = ''): number | undefined =>
  /^\+?\d+$/.test(word) && BigInt(word) < 2n ** 64n ? Number(BigInt.asUintN(32, BigInt(word))) : undefined

/** The same with a sign. */
function signedIn(word = ''): number | undefined {
  const isNumber = /^[+-]?\d+$/.test(word) && BigInt.asIntN(64, BigInt(word)) === BigInt(word)
  return isNumber ? Number(BigInt.asIntN(32, BigInt(word))) : undefined
}

function readFlush(request: Request, words: readonly string[]): Answer {
  if (words.length > 2) return Answer.ERROR
  const isPlain = words.length === (request.isQuiet ? 1 : 0)
  const delay = isPlain ? 0 : signedIn(words[0])
  if (delay === undefined) return Answer.BAD_EXPIRY
  // A delay below zero counts as none.
  request.expiry = Math.max(0, delay)
  return Answer.NONE
}

/** `stats`: the group becomes the request's key. */
function readStats(request: Request, words: readonly string[], bytes: Uint8Array): Answer {
  const [group = '', argument = ''] = words
  request.answer = Answer.END
  if (group === '') return Answer.NONE
  if (group === 'cachedump') return readCachedump(request, words)
  if (group === 'detail') {
    if (!['on', 'off', 'dump'].includes(argument)) return Answer.DETAIL_USAGE
    request.answer = Answer.OK
    return nameWords(request, bytes, `${group} ${argument}`)
  }
  if (!isStatisticsGroup(group)) return Answer.ERROR
  if (group === 'reset') request.answer = Answer.RESET
  return nameWords(request, bytes, group)
}

/** The line's bytes are not needed any more. */
function nameWords(request: Request, bytes: Uint8Array, words: string): Answer {
  for (let index = 0; index < words.length; index++) bytes[request.keyStart + index] = words.charCodeAt(index)
  request.keyEnd = request.keyStart + words.length
  return Answer.NONE
}

function readCachedump(request: Request, words: readonly string[]): Answer {
  const countMax = Math.min(unsignedIn(words[2]) ?? 0, 0x7fff_ffff)
  return beginList(request, ListKind.CACHEDUMP, countMax, cachedumpAnswer(words))
}

/** All items are in class 1. */
function cachedumpAnswer(words: readonly string[]): Answer {
  if (words.length < 3) return Answer.BAD_LINE
  const slab = unsignedIn(words[1])
  if (slab === undefined || unsignedIn(words[2]) === undefined) return Answer.BAD_FORMAT
  if (slab >= SLAB_COUNT_MAX) return Answer.ILLEGAL_SLAB
  return slab === 1 ? Answer.NONE : Answer.END
}

const SLAB_COUNT_MAX = 64

/**
 * If there is already a reply, there is nothing to list. The command runs all the same: a server that lists no keys
 * refuses it, whatever other errors the line has.
 */
function beginList(request: Request, kind: ListKind, countMax: number, answer: Answer): Answer {
  request.command = Command.LIST
  request.listKind = kind
  request.listCountMax = countMax
  request.answer = answer
  request.session.openVerb = request.opcode
  return Answer.NONE
}

/** Expired items are found without a crawler; the options of the crawler have no effect. */
function readCrawler(request: Request, words: readonly string[]): Answer {
  const [what, argument] = words
  const number = unsignedIn(argument)
  if (words.length === 1) return what === 'enable' || what === 'disable' ? Answer.OK : Answer.ERROR
  if (words.length !== 2) return Answer.ERROR
  switch (what) {
    case 'crawl':
      return isClassList(argument!) ? Answer.OK : Answer.BAD_CLASS
    case 'metadump':
      return beginList(request, ListKind.METADUMP, 0, classListAnswer(argument!))
    case 'mgdump':
      return beginList(request, ListKind.MGDUMP, 0, classListAnswer(argument!))
    case 'tocrawl':
      return number === undefined ? Answer.BAD_FORMAT : Answer.OK
    case 'sleep':
      if (number === undefined) return Answer.BAD_FORMAT
      return number > SLEEP_MICROSECONDS_MAX ? Answer.BAD_SLEEP : Answer.OK
    default:
      return Answer.ERROR
  }
}

const SLEEP_MICROSECONDS_MAX = 1_000_000

const classListAnswer = (text: string): Answer => (isClassList(text) ? Answer.NONE : Answer.BAD_CLASS)

const isClassList = (text: string): boolean =>
  text === 'all' || text === 'hash' || text.split(',').every(isClass)

function isClass(id: string): boolean {
  const number = unsignedIn(id) ?? 0
  return number > 0 && number < SLAB_COUNT_MAX
}

/** There are no LRU lists: their options are checked, and have no effect. */
function readLru(_request: Request, words: readonly string[]): Answer {
  const [what, ...numbers] = words
  if (what === 'tune' && numbers.length >= 4) {
    const [hot, warm] = [unsignedIn(numbers[0]), unsignedIn(numbers[1])]
    if (hot === undefined || warm === undefined) return Answer.ERROR
    const factors = numbers.slice(2, 4).map(Number)
    if (factors.some(Number.isNaN)) return Answer.ERROR
    if (hot + warm > WARM_PERCENT_MAX) return Answer.TOO_MUCH_WARM
    return factors.every((factor) => factor > 0) ? Answer.OK : Answer.BAD_FACTOR
  }
  if (what === 'mode' && numbers.length >= 1) {
    return numbers[0] === 'flat' || numbers[0] === 'segmented' ? Answer.OK : Answer.ERROR
  }
  if (what === 'temp_ttl' && numbers.length >= 1) {
    return signedIn(numbers[0]) === undefined ? Answer.ERROR : Answer.OK
  }
  return Answer.ERROR
}

const WARM_PERCENT_MAX = 80

/** Memory is segments of one length, so no class has one to spare for another. */
function readSlabs(_request: Request, words: readonly string[]): Answer {
  const [what, first, second] = words
  if (what === 'reassign' && words.length === 3) {
    const [source, target] = [signedIn(first), signedIn(second)]
    return source === undefined || target === undefined ? Answer.BAD_FORMAT : reassign(source, target)
  }
  if (what !== 'automove' || words.length < 2) return Answer.ERROR
  if (first === 'ratio') return Number.isNaN(Number(second ?? Number.NaN)) ? Answer.ERROR : Answer.OK
  const mode = unsignedIn(first)
  if (mode === undefined) return Answer.BAD_FORMAT
  return mode <= 2 ? Answer.OK : Answer.ERROR
}

/** There is one class, so no page can move: the reply is memcached's for a class without spare pages. */
function reassign(source: number, target: number): Answer {
  if (source === target) return Answer.SAME_SLAB
  return [source, target].every((id) => id >= 0 && id <= SLAB_MAX) ? Answer.NO_SPARE_SLAB : Answer.BAD_SLAB
}

/** The last class that memcached has by default. */
const SLAB_MAX = 39
