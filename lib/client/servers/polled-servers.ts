/**
 * A list that is asked for again and again: of a function, of DNS, of a cluster.
 *
 *     subscribe ─▶ load ─┬─ a list ──▶ onChange, if it differs ─▶ wait refreshMs ──┐
 *                  ▲     ├─ an error ▶ onError ─▶ wait, longer after each failure ─┤
 *                  │     └─ too late ▶ the same as an error                        │
 *                  └───────────────────────────────────────────────────────────────┘
 *
 * One load runs at a time. Waits vary by a tenth, so that clients that were started together do not ask together. After a
 * failure the wait is short at first, as the first list may be missing; it grows to `refreshMs`.
 */
import { TIME_MS_MAX } from '../check-options.js'
import { ClientError } from '../client-error.js'
import { isReachedAlike, type ServerAddress } from './server-address.js'
import type { OnServers, OnSourceError, ServerSource } from './server-source.js'

export interface PollOptions {
  /** From one answer to the next question. */
  readonly refreshMs?: number
  /** How long an answer may take. */
  readonly loadTimeoutMs?: number
  /** For specs. */
  readonly timers?: Timers
}

/** What a source needs of Node's timers. */
export interface Timers {
  /** Returns a function that cancels. The timer does not keep the process alive. */
  after(ms: number, act: () => void): () => void
  /** From 0 to 1. */
  random(): number
}

/** Gets the list. The signal is aborted when the answer is not needed any more. */
export type LoadServers = (signal: AbortSignal) => Promise<readonly ServerAddress[]>

const DEFAULT_REFRESH_MS = 60_000
const DEFAULT_LOAD_TIMEOUT_MS = 5000
const FIRST_RETRY_MS = 500
const RETRY_GROWTH = 2
/** The part of a wait that is left to chance. */
const JITTER = 0.1

export class PolledServers implements ServerSource {
  private readonly what: string
  private readonly load: LoadServers
  private readonly refreshMs: number
  private readonly loadTimeoutMs: number
  private readonly timers: Timers
  private servers: readonly ServerAddress[] = []
  private failureCount = 0
  private isClosed = false
  private cancelTimer = (): void => {}
  private loading: AbortController | undefined

  /** `what` names the source in errors. */
  constructor(what: string, load: LoadServers, options: PollOptions = {}) {
    this.what = what
    this.load = load
    this.refreshMs = options.refreshMs ?? DEFAULT_REFRESH_MS
    this.loadTimeoutMs = options.loadTimeoutMs ?? DEFAULT_LOAD_TIMEOUT_MS
    this.timers = options.timers ?? NODE_TIMERS
  }

  subscribe(onChange: OnServers, onError: OnSourceError): void {
    const poll = async (): Promise<void> => {
      const outcome = await this.loadInTime()
      if (this.isClosed) return
      const error = outcome instanceof ClientError ? outcome : this.deliver(outcome, onChange)
      // A subscriber may close this source.
      if (this.isClosed) return
      this.failureCount = error === undefined ? 0 : this.failureCount + 1
      this.cancelTimer = this.timers.after(this.waitMs(), () => void poll())
      if (error !== undefined) onError(error)
    }
    void poll()
  }

  close(): void {
    this.isClosed = true
    this.cancelTimer()
    this.loading?.abort()
  }

  /** Never rejects, and settles within the time limit whatever `load` does. */
  private loadInTime(): Promise<readonly ServerAddress[] | ClientError> {
    return new Promise((resolve) => {
      const loading = new AbortController()
      this.loading = loading
      const settle = (outcome: readonly ServerAddress[] | ClientError): void => {
        cancel()
        resolve(outcome)
      }
      const cancel = this.timers.after(this.loadTimeoutMs, () => {
        loading.abort()
        settle(new ClientError('TIMEOUT', `${this.what}: no list of servers within ${this.loadTimeoutMs} ms`))
      })
      this.load(loading.signal).then(
        (servers) =>
          settle(
            servers.length > 0
              ? servers
              : new ClientError('UNREACHABLE', `${this.what}: an empty list of servers`),
          ),
        (cause: unknown) => settle(this.errorOf(cause)),
      )
    })
  }

  private errorOf(cause: unknown): ClientError {
    const { message, code = 'UNREACHABLE' } =
      cause instanceof ClientError ? cause : { message: reasonOf(cause) }
    return new ClientError(code, `${this.what}: ${message}`, { cause })
  }

  /** Returns what the subscriber throws, such as from a pool of the program's own: then the list is delivered again later. */
  private deliver(loaded: readonly ServerAddress[], onChange: OnServers): ClientError | undefined {
    const known = new Map(this.servers.map((server) => [server.name, server]))
    const servers = distinct(loaded).map((server) => {
      const before = known.get(server.name)
      return isSame(before, server) ? before : server
    })
    const isChanged =
      servers.length !== known.size || servers.some((server, index) => server !== this.servers[index])
    if (!isChanged) return undefined
    try {
      onChange(servers)
    } catch (cause) {
      return this.errorOf(cause)
    }
    this.servers = servers
    return undefined
  }

  private waitMs(): number {
    const retryMs = FIRST_RETRY_MS * RETRY_GROWTH ** (this.failureCount - 1)
    const ms = this.failureCount === 0 ? this.refreshMs : Math.min(this.refreshMs, retryMs)
    return Math.min(TIME_MS_MAX, ms * (1 - JITTER + 2 * JITTER * this.timers.random()))
  }
}

/** A name in DNS may list a server twice. The first one stands. */
function distinct(servers: readonly ServerAddress[]): ServerAddress[] {
  const names = new Set<string>()
  return servers.filter(({ name }) => !names.has(name) && names.add(name))
}

const isSame = (before: ServerAddress | undefined, server: ServerAddress): before is ServerAddress =>
  before !== undefined && before.weight === server.weight && isReachedAlike(before, server)

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const NODE_TIMERS: Timers = {
  after(ms, act) {
    const timer = setTimeout(act, ms).unref()
    return () => clearTimeout(timer)
  },
  random: Math.random,
}
