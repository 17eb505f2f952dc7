import type { Window } from '../../arena/window.js'
import { Command } from '../../request/command.js'
import type { RemoteCall, RemoteEngine } from '../../request/remote-engine.js'
import { Reply } from '../../request/reply.js'
import { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import { Trait } from '../../request/trait.js'
import type { ConnectionJournal } from '../connection/output/group-commit.js'
import type { Worker } from '../connection/worker.js'

/** A request for one item, or for those of a prefix, that comes from this process, not from a connection. */
export interface LocalRequest {
  readonly kind: 'get' | 'set' | 'add' | 'replace' | 'delete' | 'flush_prefix'
  /** 1 to 250 bytes; the prefix of a flush. */
  readonly key: Uint8Array
  /** To be stored. */
  readonly value?: Uint8Array
  readonly flags?: number
  /** Seconds from now; 0: never. */
  readonly ttl?: number
  /** The cas that the item must have. */
  readonly cas?: bigint | undefined
  /** A get copies no longer value. */
  readonly valueLengthMax?: number
}

export interface LocalReply {
  readonly status: Status
  readonly cas: bigint
  readonly flags: number
  /** The length of the value. */
  readonly size: number
  /** Seconds that the item has left; -1: it never expires. */
  readonly ttl: number
  /** Undefined unless a get has found it, and may copy it. Not in shared memory. */
  readonly value: Uint8Array | undefined
}

/**
 * Runs such requests in a worker, by its engine, between the requests of its connections. They have a request and a reply
 * of their own, and a window for as long as the engine needs it. A change is answered once the journal has it.
 */
export class LocalRequests {
  private readonly worker: Worker
  private readonly request = new Request()
  private readonly reply = new Reply()

  constructor(worker: Worker) {
    this.worker = worker
    // Whoever asks was checked before.
    this.request.session.isAuthenticated = true
    // Nor can it be parked.
    this.request.session.mayWatch = false
  }

  async execute(local: LocalRequest): Promise<LocalReply> {
    const { remote } = this.worker
    if (remote !== undefined) return this.runRemote(remote, local)
    const { store, prefixRoom } = this.worker
    while (local.kind === 'flush_prefix' && !store.mayFlushPrefix)
      await new Promise<boolean>((resolve) => prefixRoom.wait({ wake: resolve }))
    const journal = this.worker.data?.journal
    if (journal === undefined || local.kind === 'get') return this.run(local)
    while (!journal.hasRoom) await roomIn(journal)
    const countBefore = journal.changeCount
    const reply = this.run(local)
    const count = journal.changeCount
    return count === countBefore || (await isKept(journal, count))
      ? reply
      : { ...reply, status: Status.TEMPORARY_FAILURE }
  }

  private run(local: LocalRequest): LocalReply {
    const { pool } = this.worker
    const window = pool.take()
    if (window === undefined) return this.replyTo(local, Status.OUT_OF_MEMORY)
    try {
      return this.runWith(local, window)
    } catch (error) {
      // The engine throws only if memory may be inconsistent: that ends the server, as for a request of a connection.
      setImmediate(() => {
        throw error
      })
      throw error
    } finally {
      pool.give(window)
    }
  }

  private runWith(local: LocalRequest, window: Window): LocalReply {
    const { worker, request, reply } = this
    worker.engine.refreshClock()
    this.fill(local, window)
    if (local.value !== undefined) this.runStore(local, window)
    else worker.engine.execute(request, reply)
    const answer = this.replyTo(local, reply.status)
    worker.engine.release()
    worker.engine.endBatch()
    return answer
  }

  private fill({ kind, key, value, flags = 0, ttl = 0, cas }: LocalRequest, window: Window): void {
    const { request, worker } = this
    const { bytes } = worker.arena
    request.command = COMMANDS[kind]
    request.keyStart = window.start
    request.keyEnd = window.start + key.length
    bytes.set(key, window.start)
    request.valueStart = request.keyEnd
    request.valueEnd = request.keyEnd + (value?.length ?? 0)
    request.staged = undefined
    request.clientFlags = flags | 0
    // As an absolute time: a relative one ends at 30 days.
    request.expiry = ttl === 0 ? 0 : worker.clock.now + ttl
    request.traits = cas === undefined ? 0 : Trait.NAMES_CAS
    request.casHigh = Number(BigInt.asIntN(32, (cas ?? 0n) >> 32n))
    request.casLow = Number(BigInt.asIntN(32, cas ?? 0n))
  }

  /** Runs it on another machine. The window is free again before the reply comes. */
  private async runRemote(remote: RemoteEngine, local: LocalRequest): Promise<LocalReply> {
    const { pool } = this.worker
    const window = pool.take()
    if (window === undefined) return this.replyTo(local, Status.OUT_OF_MEMORY)
    const call = this.prepareRemote(remote, local, window)
    pool.give(window)
    await new Promise<void>((resolve) => remote.start(call, resolve))
    remote.finish(call, this.request, this.reply)
    const answer = this.replyTo(local, this.reply.status)
    remote.release()
    return answer
  }

  private prepareRemote(remote: RemoteEngine, local: LocalRequest, window: Window): RemoteCall {
    const { request, reply } = this
    remote.refreshClock()
    this.fill(local, window)
    const isPlaced = local.value === undefined || this.placeValue(local, window)
    return isPlaced ? remote.prepare(request, reply) : remote.prepareRefused(request, reply)
  }

  private runStore(local: LocalRequest, window: Window): void {
    const { engine } = this.worker
    if (!this.placeValue(local, window)) return
    engine.release()
    engine.execute(this.request, this.reply)
  }

  /** Puts the value into the window; a longer one into the store, as it arrives from a client. False if it was refused. */
  private placeValue({ value = EMPTY }: LocalRequest, window: Window): boolean {
    const { request, reply, worker } = this
    const { engine } = worker
    if (request.valueEnd <= window.end) {
      worker.arena.bytes.set(value, request.valueStart)
      return true
    }
    const staged = engine.stage(request, reply)
    if (staged === undefined) return false
    request.staged = staged
    for (let at = 0; at < value.length; at += window.end - request.valueStart) {
      const piece = value.subarray(at, at + window.end - request.valueStart)
      worker.arena.bytes.set(piece, request.valueStart)
      if (!staged.copyIn(request.valueStart, piece.length)) {
        engine.fail(request, reply)
        return false
      }
    }
    return true
  }

  private replyTo({ kind, valueLengthMax = 0 }: LocalRequest, status: Status): LocalReply {
    const { reply } = this
    const { expiry, now } = reply.item
    const isFound = kind === 'get' && status === Status.OK
    return {
      status,
      cas: (BigInt(reply.casHigh >>> 0) << 32n) | BigInt(reply.casLow >>> 0),
      flags: reply.clientFlags >>> 0,
      size: reply.valueLength,
      ttl: expiry === 0 ? NEVER : Math.max(0, expiry - now),
      value: isFound && reply.valueLength <= valueLengthMax ? this.copyOfValue() : undefined,
    }
  }

  private copyOfValue(): Uint8Array<ArrayBuffer> {
    const { value, valueLength } = this.reply
    const { arena, remote } = this.worker
    const copy = new Uint8Array(valueLength)
    if (remote !== undefined) {
      remote.copyValue(copy)
      return copy
    }
    for (let index = 0, at = 0; index < value.count; index++) {
      const start = value.starts[index]!
      copy.set(arena.view(start, start + value.lengths[index]!), at)
      at += value.lengths[index]!
    }
    return copy
  }
}

const COMMANDS = {
  get: Command.META_GET,
  set: Command.SET,
  add: Command.ADD,
  replace: Command.REPLACE,
  delete: Command.DELETE,
  flush_prefix: Command.FLUSH_PREFIX,
} as const
const EMPTY = new Uint8Array(0)
const NEVER = -1

const roomIn = (journal: ConnectionJournal): Promise<void> =>
  new Promise((resolve) => journal.waitForRoom({ roomMade: resolve }))

function isKept(journal: ConnectionJournal, count: number): Promise<boolean> {
  journal.commit()
  if (journal.isSafe(count)) return Promise.resolve(true)
  return new Promise((resolve) => journal.wait(count, { size: 1, committed: resolve }))
}
