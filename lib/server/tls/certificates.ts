import type { SecureContext } from 'node:tls'
import { type Arena, CACHE_LINE_LENGTH } from '../../arena/arena.js'
import { commandLineMessageOf } from '../../options/start-error.js'
import type { TlsOptions } from '../../options/table/tls-options.js'
import type { Clock } from '../../store/time/clock.js'
import { readSecureContext } from './secure-context.js'

/**
 * The certificates of a worker, as their files were when the server started, or at the last order to read them
 * again. The worker that gets the order counts it in the arena, and the others read the files before their next connection: so
 * every connection after the order has the new ones, in every worker.
 *
 *     ┌────────────┬────────────┬─────────────┐
 *     │ refreshes  │ when last  │ ticket keys │    with the same keys a session can be resumed at any worker
 *     └────────────┴────────────┴─────────────┘
 */
export class Certificates {
  private readonly options: TlsOptions
  private readonly clock: Clock
  private readonly words: Int32Array
  private readonly state: number
  private readonly ticketKeys: Buffer
  private context: SecureContext
  /** The refresh of the context, and the second of the last attempt to follow a newer one. */
  private refreshCount: number
  private triedTime = 0

  /** Throws an error if the files are not valid. */
  constructor(arena: Arena, clock: Clock, options: TlsOptions) {
    const start = arena.reserve(STATE_LENGTH)
    this.options = options
    this.clock = clock
    this.words = arena.words
    this.state = start >>> 2
    if (arena.isNew) {
      const { randomBytes } = process.getBuiltinModule('node:crypto')
      randomBytes(TICKET_KEYS_LENGTH).copy(arena.bytes, start + TICKET_KEYS)
      this.words[this.state + TIME] = clock.now
    }
    this.ticketKeys = Buffer.from(arena.bytes.subarray(start + TICKET_KEYS, start + STATE_LENGTH))
    this.refreshCount = Atomics.load(this.words, this.state + REFRESHES)
    this.context = this.read()
  }

  static readonly regionLength = (): number => STATE_LENGTH + CACHE_LINE_LENGTH

  /** For the next connection. */
  get secureContext(): SecureContext {
    const refreshCount = Atomics.load(this.words, this.state + REFRESHES)
    if (refreshCount !== this.refreshCount && this.clock.now !== this.triedTime) this.keepUp(refreshCount)
    return this.context
  }

  /** Seconds since the last time they were read. */
  get age(): number {
    return this.clock.now - (this.words[this.state + TIME]! >>> 0)
  }

  /** Reads them again. Returns the error, if any: then the old ones stay. */
  refresh(): string | undefined {
    try {
      this.context = this.read()
    } catch (error) {
      return `${commandLineMessageOf(error)}; ${STAYING}`
    }
    this.clock.refresh()
    this.words[this.state + TIME] = this.clock.now
    this.refreshCount = Atomics.add(this.words, this.state + REFRESHES, 1) + 1
    return undefined
  }

  /** Another worker has read them, so this can fail only if they have changed since; then it is retried later. */
  private keepUp(refreshCount: number): void {
    this.triedTime = this.clock.now
    try {
      this.context = this.read()
      this.refreshCount = refreshCount
    } catch (error) {
      process.stderr.write(`keepcached: ${commandLineMessageOf(error)}; ${STAYING}\n`)
    }
  }

  private read(): SecureContext {
    return readSecureContext(this.options, this.ticketKeys)
  }
}

const STAYING = 'the certificates that were read before stay in force'

const REFRESHES = 0
const TIME = 1
const TICKET_KEYS = 8
const TICKET_KEYS_LENGTH = 48
const STATE_LENGTH = TICKET_KEYS + TICKET_KEYS_LENGTH
