import { ClientError } from '../client-error.js'
import type { ConnectionOptions } from '../connection/connection-options.js'
import { onAbort } from '../on-abort.js'
import { type ChangesSettings, completeSettings, type SettingsSource } from './changes-settings.js'
import type { ChangesOptions, ClientChange } from './client-change.js'
import { writeToken } from './position-token.js'
import { type LineChange, UNKNOWN_GAP } from './read-change.js'
import { ServerChanges, type ServerChangesOwner } from './server-changes.js'

/** The servers of a client, as the changes need them. */
export interface ChangesServers {
  whenReady(signal: AbortSignal | undefined): Promise<void>
  /** How to connect to each server of the list as it is now. */
  current(): readonly ConnectionOptions[]
  /** Calls back when the list has changed. Returns what ends that. */
  follow(onChange: () => void): () => void
  onConnect(server: string): void
  onDisconnect(server: string, error: Error): void
}

/**
 * The changes of all servers of a client, for `for await`. It begins with the first step. Changes wait in a queue that has
 * a bound: when it is full, the sockets are not read until half of it has been taken.
 */
export class ChangesLoop<Value> implements AsyncIterableIterator<ClientChange<Value>>, ServerChangesOwner {
  /** Called once, when it has ended. */
  onEnd: () => void = nothing
  private readonly settings: ChangesSettings
  private readonly servers: ChangesServers
  private sources: readonly ServerChanges[] = []
  private state: 'new' | 'open' | 'ended' = 'new'
  private error: Error | undefined = undefined
  private queue: ClientChange<Value>[] = []
  private takenCount = 0
  private queuedLength = 0
  private readonly takers: Taker<Value>[] = []
  private unfollowServers: () => void = nothing
  private unfollowSignal: () => void = nothing
  /** Resolves when all sockets are closed. */
  private closing: Promise<unknown> | undefined = undefined

  /** Throws BAD_OPTION. */
  constructor(options: ChangesOptions, servers: ChangesServers, source: SettingsSource) {
    this.settings = completeSettings(options, source)
    this.servers = servers
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<ClientChange<Value>, undefined>> {
    if (this.state === 'new') this.begin()
    const change = this.take()
    if (change !== undefined) return Promise.resolve({ done: false, value: change })
    if (this.state === 'ended') return this.ended()
    return new Promise((resolve, reject) => this.takers.push({ resolve, reject }))
  }

  /** The loop has been left: `break`, `return` or an error in its body. */
  async return(): Promise<IteratorResult<ClientChange<Value>, undefined>> {
    this.end(undefined)
    await this.closing
    return DONE
  }

  /** The client is closed. */
  async close(): Promise<void> {
    await this.return()
  }

  // ─── called by the servers ─────────────────────────────────────────────────────────────────────────────────────────

  onChange(source: ServerChanges, change: LineChange): boolean {
    this.add(source.name, change)
    return this.queuedLength < QUEUE_LENGTH_MAX
  }

  onConnect(server: string): void {
    this.servers.onConnect(server)
  }

  onDisconnect(server: string, error: Error): void {
    this.servers.onDisconnect(server, error)
  }

  /** What has been received before is told first. */
  onFailure(error: Error): void {
    if (this.state === 'ended') return
    this.error = error
    this.stop()
    this.wakeAll()
  }

  // ─── beginning and end ─────────────────────────────────────────────────────────────────────────────────────────────

  private begin(): void {
    const { signal } = this.settings
    this.state = 'open'
    if (signal?.aborted === true) {
      this.abort(signal)
      return
    }
    if (signal !== undefined) this.unfollowSignal = onAbort(signal, () => this.abort(signal))
    this.servers.whenReady(signal).then(
      () => this.open(),
      (error: Error) => this.onFailure(error),
    )
  }

  private open(): void {
    if (this.state !== 'open') return
    this.unfollowServers = this.servers.follow(() => this.updateServers(false))
    this.updateServers(true)
  }

  /** Begins with servers that are new in the list, and ends with those that have left it. */
  private updateServers(isFirst: boolean): void {
    const list = this.servers.current()
    const names = new Set(list.map(({ name }) => name))
    const left = this.sources.filter(({ name }) => !names.has(name))
    const known = new Map(this.sources.map((source) => [source.name, source]))
    this.sources = list.map((connection) => known.get(connection.name) ?? this.sourceOf(connection, isFirst))
    for (const source of left) {
      void source.close()
      this.add(source.name, UNKNOWN_GAP)
    }
    for (const source of this.sources) {
      if (known.has(source.name)) continue
      // The loop has asked to resume, or runs already: what has happened on this server before is missing.
      const isMissing = !isFirst || (this.settings.since !== undefined && source.position === undefined)
      if (isMissing) this.add(source.name, UNKNOWN_GAP)
      source.open()
    }
  }

  private sourceOf(connectionOptions: ConnectionOptions, isFirst: boolean): ServerChanges {
    const { request, since } = this.settings
    return new ServerChanges({
      connectionOptions,
      request,
      since: isFirst ? since?.(connectionOptions.name) : undefined,
      isRequired: isFirst,
      owner: this,
    })
  }

  private abort({ reason }: AbortSignal): void {
    this.end(new ClientError('ABORTED', 'the loop over changes was aborted', { cause: reason }))
  }

  /** What has been received and not taken is dropped. */
  private end(error: Error | undefined): void {
    if (this.state !== 'ended') {
      this.error = error
      this.stop()
    }
    this.queue = []
    this.takenCount = 0
    this.queuedLength = 0
    this.wakeAll()
  }

  private stop(): void {
    this.state = 'ended'
    this.unfollowSignal()
    this.unfollowServers()
    this.closing = Promise.all(this.sources.map((source) => source.close()))
    this.onEnd()
  }

  // ─── the queue ─────────────────────────────────────────────────────────────────────────────────────────────────────

  private add(server: string, line: LineChange): void {
    const change: ClientChange<Value> = {
      kind: line.kind,
      server,
      position: this.position,
      key: line.key && this.settings.keyOf(line.key),
      prefix: line.prefix && this.settings.keyOf(line.prefix),
      cas: line.cas,
      size: line.size,
      ttl: line.ttl,
      after: line.after,
      ...this.settings.valueOf<Value>(line),
    }
    const taker = this.takers.shift()
    if (taker !== undefined) {
      taker.resolve({ done: false, value: change })
      return
    }
    this.queue.push(change)
    this.queuedLength += lengthOf(change)
  }

  private take(): ClientChange<Value> | undefined {
    const change = this.queue[this.takenCount]
    if (change === undefined) return undefined
    const wasLong = this.queuedLength >= RESUME_LENGTH
    this.takenCount++
    this.queuedLength -= lengthOf(change)
    if (this.takenCount === this.queue.length) {
      this.queue = []
      this.takenCount = 0
    }
    if (wasLong && this.queuedLength < RESUME_LENGTH) for (const source of this.sources) source.resume()
    return change
  }

  /** Over all servers; undefined while one of them cannot be resumed. */
  private get position(): string | undefined {
    const positions: [string, string][] = []
    for (const { name, position } of this.sources) {
      if (position === undefined) return undefined
      positions.push([name, position])
    }
    return positions.length === 0 ? undefined : writeToken(positions)
  }

  private wakeAll(): void {
    for (const { resolve, reject } of this.takers.splice(0)) this.ended().then(resolve, reject)
  }

  /** The error is told once. */
  private ended(): Promise<IteratorResult<ClientChange<Value>, undefined>> {
    const { error } = this
    this.error = undefined
    return error === undefined ? Promise.resolve(DONE) : Promise.reject(error)
  }
}

interface Taker<Value> {
  readonly resolve: (result: IteratorResult<ClientChange<Value>, undefined>) => void
  readonly reject: (error: unknown) => void
}

const DONE = { done: true, value: undefined } as const

const nothing = (): void => undefined

/** By the length of the value on the server: what the format makes of it is about as long. */
const lengthOf = ({ size = 0, value }: ClientChange): number =>
  CHANGE_LENGTH + (value === undefined ? 0 : size)

/** About what a change takes as an object. */
const CHANGE_LENGTH = 400
const QUEUE_LENGTH_MAX = 1024 * 1024
const RESUME_LENGTH = QUEUE_LENGTH_MAX / 2
