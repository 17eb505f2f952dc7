import { Command } from '../../request/command.js'

/** The shapes of the words after a verb. */
export const Shape = {
  /** key … */
  KEYS: 0,
  /** expiry key … */
  TOUCHED_KEYS: 1,
  /** key clientFlags expiry length [noreply], and the value on the next line */
  VALUE: 2,
  /** key clientFlags expiry length cas [noreply], and the value on the next line */
  VALUE_WITH_CAS: 3,
  /** key [0] [noreply] */
  DELETE: 4,
  /** key delta [noreply] */
  COUNT: 5,
  /** key expiry [noreply] */
  TOUCH: 6,
  /** Words that are not about an item: each such verb has its own function. */
  WORDS: 7,
  /** key flag … */
  META: 8,
  /** key length flag …, and the value on the next line */
  META_VALUE: 9,
  /** Any words: they are ignored. */
  ANYTHING: 10,
  /** prefix [noreply] */
  PREFIX: 11,
} as const
export type Shape = (typeof Shape)[keyof typeof Shape]

/** A verb's own texts for its results. */
export const Outcomes = {
  STORE: 0,
  CAS: 1,
  DELETE: 2,
  TOUCH: 3,
  COUNT: 4,
  DONE: 5,
  FLUSH: 6,
  MEMORY: 7,
  SHUTDOWN: 8,
  LOGIN: 9,
  NOOP: 10,
  WATCH: 11,
  WAIT: 12,
  FLUSH_PREFIX: 13,
} as const
export type Outcomes = (typeof Outcomes)[keyof typeof Outcomes]

/** The verbs of the shape WORDS. */
export type WordsVerb =
  | 'stats'
  | 'flush_all'
  | 'verbosity'
  | 'cache_memlimit'
  | 'lru_crawler'
  | 'lru'
  | 'slabs'
  | 'debugtime'
  | 'shutdown'
  | 'watch'
  | 'refresh_certs'

export interface Verb {
  readonly name: string
  readonly command: Command
  readonly shape: Shape
  readonly outcomes: Outcomes
  /** Its items are returned with their cas. */
  readonly wantsCas: boolean
}

function row(
  name: string,
  command: Command,
  shape: Shape,
  outcomes: Outcomes = Outcomes.DONE,
  trait?: 'cas',
): Verb {
  return { name, command, shape, outcomes, wantsCas: trait === 'cas' }
}

const wordsRow = (name: WordsVerb, command: Command, outcomes: Outcomes = Outcomes.DONE): Verb =>
  row(name, command, Shape.WORDS, outcomes)

/** All verbs. Any other word is answered with ERROR. */
export const VERBS: readonly Verb[] = [
  row('get', Command.GET, Shape.KEYS),
  row('gets', Command.GET, Shape.KEYS, Outcomes.DONE, 'cas'),
  row('gat', Command.GET_AND_TOUCH, Shape.TOUCHED_KEYS),
  row('gats', Command.GET_AND_TOUCH, Shape.TOUCHED_KEYS, Outcomes.DONE, 'cas'),
  // Older than all documents, and still in memcached.
  row('bget', Command.GET, Shape.KEYS),
  row('set', Command.SET, Shape.VALUE, Outcomes.STORE),
  row('add', Command.ADD, Shape.VALUE, Outcomes.STORE),
  row('replace', Command.REPLACE, Shape.VALUE, Outcomes.STORE),
  row('append', Command.APPEND, Shape.VALUE, Outcomes.STORE),
  row('prepend', Command.PREPEND, Shape.VALUE, Outcomes.STORE),
  row('cas', Command.SET, Shape.VALUE_WITH_CAS, Outcomes.CAS),
  row('delete', Command.DELETE, Shape.DELETE, Outcomes.DELETE),
  row('incr', Command.INCREMENT, Shape.COUNT, Outcomes.COUNT),
  row('decr', Command.DECREMENT, Shape.COUNT, Outcomes.COUNT),
  row('touch', Command.TOUCH, Shape.TOUCH, Outcomes.TOUCH),

  row('mg', Command.META_GET, Shape.META),
  row('mw', Command.META_WAIT, Shape.META, Outcomes.WAIT),
  row('ms', Command.SET, Shape.META_VALUE),
  row('md', Command.DELETE, Shape.META),
  row('ma', Command.INCREMENT, Shape.META),
  row('me', Command.DESCRIBE, Shape.META),
  row('mn', Command.NOOP, Shape.ANYTHING, Outcomes.NOOP),

  row('version', Command.VERSION, Shape.ANYTHING),
  row('quit', Command.QUIT, Shape.ANYTHING),
  wordsRow('stats', Command.STATS),
  wordsRow('flush_all', Command.FLUSH, Outcomes.FLUSH),
  row('flush_prefix', Command.FLUSH_PREFIX, Shape.PREFIX, Outcomes.FLUSH_PREFIX),
  wordsRow('verbosity', Command.VERBOSITY),
  wordsRow('cache_memlimit', Command.LIMIT_MEMORY, Outcomes.MEMORY),
  wordsRow('lru_crawler', Command.LIST),
  wordsRow('lru', Command.NOOP),
  wordsRow('slabs', Command.NOOP),
  wordsRow('debugtime', Command.MOVE_CLOCK),
  wordsRow('shutdown', Command.SHUT_DOWN, Outcomes.SHUTDOWN),
  wordsRow('watch', Command.WATCH, Outcomes.WATCH),
  wordsRow('refresh_certs', Command.REFRESH_CERTIFICATES),
]

/** The row of a line whose reply is known before it runs; and the row of a login, which looks like a set. */
export const ANSWERED = VERBS.length
export const LOGIN = VERBS.length + 1
