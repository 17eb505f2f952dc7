import { isIP } from 'node:net'
import type { ClientLibrary, EngineClient, EngineStream } from './engine-client.js'
import type { EngineEndpoint, GatewaySettings } from './gateway-settings.js'
import { within } from './within.js'

/** Words of a command: its name, and what follows. */
export type Words = readonly (string | Buffer)[]

/** What happens to a command that was sent. */
export interface CommandListener {
  replied(reply: unknown): void
  failed(error: Error): void
}

export interface ConnectionSettings extends Pick<GatewaySettings, 'login' | 'timeoutMs'> {
  /** It is ready only while its node is a primary. */
  readonly mustBePrimary?: boolean
  /** The node is a replica of a cluster, and shall answer reads. */
  readonly isReadOnly?: boolean
}

/** One connection to one node of the engine, opened again whenever it was lost. Commands are never sent twice by it. */
export class EngineConnection {
  /** Commands on their way. */
  inFlight = 0
  commandCount = 0
  /** Milliseconds that all of them took. */
  totalMs = 0
  lostCount = 0
  /** When the last reply came, and how long it took. */
  lastReplyMs = 0
  private lastTookMs = 0
  /** Since when the oldest command on its way waits alone for a reply: since it was sent, or the last reply came. */
  private waitingSinceMs = 0
  lastError: Error | undefined = undefined
  private readonly library: ClientLibrary
  private readonly client: EngineClient
  private readonly timeoutMs: number
  private readonly mustBePrimary: boolean
  private readonly onReady: () => void
  private isPrimary = false
  /** How often the connection was lost since the last reply that was no error: the engine may be stopped, or refuse the login. */
  private lostInRow = 0
  /** What is written to it is kept until the end of the round. */
  private corked: EngineStream | undefined = undefined
  private corkedCount = 0
  private readonly onRoundEnd = (): void => this.flush()

  constructor(
    library: ClientLibrary,
    endpoint: EngineEndpoint,
    settings: ConnectionSettings,
    onReady: () => void = () => undefined,
  ) {
    this.library = library
    this.timeoutMs = settings.timeoutMs
    const retryStrategy = (): number => Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** Math.min(this.lostInRow++, 10))
    this.client = new library.Redis({ ...clientOptions(endpoint, settings), retryStrategy })
    this.client.on('error', (error) => {
      this.lastError = error
    })
    this.mustBePrimary = settings.mustBePrimary === true
    this.onReady = onReady
    this.client.on('ready', this.mustBePrimary ? () => void this.checkRole() : onReady)
    this.client.on('close', () => {
      this.isPrimary = false
    })
    // Failures come as errors, too, and the client tries again.
    this.client.connect().catch(() => undefined)
  }

  get isReady(): boolean {
    return this.client.status === 'ready' && (this.isPrimary || !this.mustBePrimary)
  }

  send(words: Words, listener: CommandListener): void {
    const { Command } = this.library
    const [name, ...rest] = words
    const command = new Command(String(name), rest, { replyEncoding: null })
    const sentMs = performance.now()
    if (this.inFlight++ === 0) this.waitingSinceMs = sentMs
    this.commandCount++
    this.corkRound()
    this.client.sendCommand(command).then(
      (reply) => {
        this.noteReply(sentMs)
        this.lostInRow = 0
        listener.replied(reply)
      },
      (error: Error) => {
        this.noteReply(error.name === 'ReplyError' ? sentMs : undefined)
        listener.failed(error)
      },
    )
    if (++this.corkedCount >= WRITE_COUNT) this.flush()
  }

  /** The same, as a promise with a time limit. */
  call(...words: Words): Promise<unknown> {
    const reply = new Promise((resolve, reject) =>
      this.send(words, {
        replied: resolve,
        failed: reject,
      }),
    )
    return within(this.timeoutMs, reply)
  }

  /**
   * A command has waited too long. If nothing came since it was sent, the connection is opened anew. So it is if replies come, but
   * to commands that were given up long ago: what is on its way would grow without end.
   */
  noteTimeout(sentMs: number): void {
    if (this.lastReplyMs < sentMs || this.lastTookMs > this.timeoutMs * LATE_FACTOR) this.reopen()
  }

  /** Commands on their way are lost. */
  reopen(): void {
    this.lastTookMs = 0
    this.client.stream?.destroy()
  }

  /** It is not open, or commands wait for replies and none has come for so long. */
  isSilentFor(ms: number): boolean {
    if (!this.isReady) return true
    return this.inFlight > 0 && performance.now() - this.waitingSinceMs > ms
  }

  /** Commands with a reply, of which those of an error that is not the engine's are none. */
  get repliedCount(): number {
    return this.commandCount - this.inFlight - this.lostCount
  }

  /** Writes what was sent in this round. */
  flush(): void {
    this.corked?.uncork()
    this.corked = undefined
    this.corkedCount = 0
  }

  close(): void {
    this.client.disconnect()
    this.client.stream?.destroy()
  }

  /**
   * The commands of one round of the event loop are written together: a system call for each takes half of the time of a request.
   * Of many, the engine runs the first while the others are still decoded.
   */
  private corkRound(): void {
    if (this.corked !== undefined) return
    this.corked = this.client.stream
    this.corked?.cork()
    setImmediate(this.onRoundEnd)
  }

  /** A primary that comes back after a failover has become a replica: what it returns may be old. */
  private async checkRole(): Promise<void> {
    try {
      const command = new this.library.Command('info', ['replication'], { replyEncoding: null })
      const info = await within(this.timeoutMs, this.client.sendCommand(command))
      this.isPrimary = /^role:master/m.test(String(info))
      if (!this.isPrimary) this.lastError = new Error('it is a replica')
    } catch (error) {
      this.lastError = error as Error
    }
    if (this.isPrimary) this.onReady()
    else this.reopen()
  }

  private noteReply(sentMs: number | undefined): void {
    this.inFlight--
    if (sentMs === undefined) {
      this.lostCount++
      return
    }
    this.lastReplyMs = performance.now()
    this.waitingSinceMs = this.lastReplyMs
    this.lastTookMs = this.lastReplyMs - sentMs
    this.totalMs += this.lastTookMs
  }
}

function clientOptions(
  { host, port }: EngineEndpoint,
  { login, timeoutMs, isReadOnly = false }: ConnectionSettings,
) {
  const { username, password, database, isEncrypted } = login
  return {
    host,
    port,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    db: database,
    ...(isEncrypted ? { tls: isIP(host) === 0 ? { servername: host } : {} } : {}),
    readOnly: isReadOnly,
    lazyConnect: true,
    connectTimeout: timeoutMs,
    noDelay: true,
    keepAlive: KEEP_ALIVE_MS,
    enableReadyCheck: false,
    // A command is sent once: whether it may be repeated is decided above.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  }
}

const KEEP_ALIVE_MS = 10_000
/** Commands in a write (scripts/bench/gateway.ts). */
const WRITE_COUNT = 16
const RETRY_MS = 20
/** Times the timeout. */
const LATE_FACTOR = 2
const RETRY_MS_MAX = 500
