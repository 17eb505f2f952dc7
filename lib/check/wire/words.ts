/**
 * The first words of lines of text and meta, and the words after them. This is written apart from the server's own
 * tables, so that the code that checks the server is not the code that serves.
 *
 * A row has the words of a line in order. A name with ? may be missing; one with * stands for all remaining words.
 */
export interface LineRule {
  readonly word: string
  readonly direction: 'request' | 'reply'
  readonly names: readonly string[]
  /** Which word is the length of the data that follow the line; 0 for none. The line's first word is 0. */
  readonly lengthIndex: number
  /** The line ends in meta flags: a letter, and its argument joined to it. */
  readonly isMeta: boolean
}

const ITEM = 'key flags exptime length noreply?'

const REQUESTS: Readonly<Record<string, string>> = {
  get: 'keys*',
  gets: 'keys*',
  gat: 'exptime keys*',
  gats: 'exptime keys*',
  set: ITEM,
  add: ITEM,
  replace: ITEM,
  append: ITEM,
  prepend: ITEM,
  cas: 'key flags exptime length cas noreply?',
  delete: 'key rest*',
  incr: 'key delta noreply?',
  decr: 'key delta noreply?',
  touch: 'key exptime noreply?',
  flush_all: 'rest*',
  verbosity: 'rest*',
  version: 'rest*',
  stats: 'rest*',
  quit: 'rest*',
  shutdown: 'rest*',
  watch: 'rest*',
  lru: 'rest*',
  lru_crawler: 'rest*',
  slabs: 'rest*',
  cache_memlimit: 'rest*',
  refresh_certs: '',
  debugtime: 'rest*',
  extstore: 'rest*',
  misbehave: '',
  mg: 'key meta*',
  ms: 'key length meta*',
  md: 'key meta*',
  ma: 'key meta*',
  me: 'key meta*',
  mn: 'rest*',
}

const REPLIES: Readonly<Record<string, string>> = {
  VALUE: 'key flags length cas?',
  END: '',
  STORED: '',
  NOT_STORED: '',
  EXISTS: '',
  NOT_FOUND: '',
  DELETED: '',
  TOUCHED: '',
  OK: '',
  RESET: '',
  BUSY: 'rest*',
  BADCLASS: 'rest*',
  NOSPARE: 'rest*',
  SAME: 'rest*',
  NOTFULL: 'rest*',
  STAT: 'name value*',
  PREFIX: 'rest*',
  ITEM: 'key rest*',
  VERSION: 'rest*',
  ERROR: 'rest*',
  CLIENT_ERROR: 'rest*',
  SERVER_ERROR: 'rest*',
  HD: 'meta*',
  VA: 'length meta*',
  EN: 'meta*',
  NF: 'meta*',
  NS: 'meta*',
  EX: 'meta*',
  MN: '',
  ME: 'key rest*',
}

function rulesOf(direction: LineRule['direction'], rows: Readonly<Record<string, string>>): LineRule[] {
  return Object.entries(rows).map(([word, row]) => {
    const names = row === '' ? [] : row.split(' ')
    return { word, direction, names, lengthIndex: names.indexOf('length') + 1, isMeta: row.endsWith('meta*') }
  })
}

export const LINE_RULES: ReadonlyMap<string, LineRule> = new Map(
  [...rulesOf('request', REQUESTS), ...rulesOf('reply', REPLIES)].map((rule) => [rule.word, rule]),
)
