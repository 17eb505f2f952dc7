import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'

/**
 * The log on standard error. Its verbosity is in the arena, since clients of any worker can change it for
 * all.
 */
export class Log {
  private readonly words: Int32Array
  private readonly level: number

  constructor(arena: Arena, verbosity: number) {
    this.words = arena.words
    this.level = arena.reserve(CACHE_LINE_LENGTH) >>> 2
    if (arena.isNew) this.verbosity = verbosity
  }

  static readonly regionLength = (): number => 2 * CACHE_LINE_LENGTH

  get verbosity(): number {
    return this.words[this.level]!
  }

  set verbosity(verbosity: number) {
    this.words[this.level] = verbosity
  }

  /** Logs a line at this level of verbosity: 0 always, 1 where it listens, 2 which connections open and close. */
  say(level: number, message: string): void {
    if (this.verbosity >= level) process.stderr.write(`keepcached: ${message}\n`)
  }
}
