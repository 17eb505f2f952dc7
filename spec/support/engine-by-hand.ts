import type { Context } from '../../lib/commands/context/context.js'
import { LocalEngine } from '../../lib/commands/local-engine.js'
import { GatewayCall, type GatewayHandler } from '../../lib/gateway/gateway-call.js'
import { isChange } from '../../lib/request/change.js'
import { ABOUT_ITEMS, STORING } from '../../lib/request/command-groups.js'
import type { EngineRoomWaiter, RemoteEngine } from '../../lib/request/remote-engine.js'
import type { Reply } from '../../lib/request/reply.js'
import type { Request } from '../../lib/request/request.js'
import { Status } from '../../lib/request/status.js'

/** The length of the region in which it restores requests. */
export const RESTORED_LENGTH = 64 * 1024

/** An engine on another machine that replies when a spec says so. The replies are those of a local engine at that time. */
export class EngineByHand extends LocalEngine implements RemoteEngine {
  hasRoom = true
  isShort = false
  batchCount = 0
  readonly waiters: EngineRoomWaiter[] = []
  private readonly begun: GatewayCall[] = []
  private readonly bytes: Buffer
  private readonly restoredStart: number

  constructor(context: Context) {
    super(context)
    this.bytes = context.arena.bytes
    this.restoredStart = context.arena.reserve(RESTORED_LENGTH)
  }

  /** The keys of the requests that were begun, and have no reply yet. */
  get keys(): string {
    return this.begun.map(({ key }) => key.toString()).join(' ')
  }

  /** Replies to the first request for each of these keys. */
  reply(keys: string, status: Status = Status.OK): void {
    for (const key of keys.split(' ')) {
      const index = this.begun.findIndex((call) => call.key.toString() === key)
      if (index < 0) throw new Error(`no request for ${key} was begun`)
      this.begun.splice(index, 1)[0]!.settle(status)
    }
  }

  override get mayPin(): boolean {
    return false
  }

  override endBatch(): void {
    this.batchCount++
  }

  waitForRoom(waiter: EngineRoomWaiter): void {
    this.waiters.push(waiter)
  }

  isLocal({ command }: Request): boolean {
    return !ABOUT_ITEMS.has(command)
  }

  prepare(request: Request): GatewayCall {
    const kind = { isAlone: this.isLocal(request), isChange: isChange(request) }
    return new GatewayCall(this.bytes, request, HANDLER, this.copyOfValue(request), kind)
  }

  prepareRefused(request: Request, { status }: Reply): GatewayCall {
    const call = this.prepare(request)
    call.status = status
    return call
  }

  start(call: GatewayCall, onDone: () => void): void {
    call.onceSettled(onDone)
    if (call.isAlone) call.settle(call.status)
    else this.begun.push(call)
  }

  finish(call: GatewayCall, request: Request, reply: Reply): void {
    call.restore(this.bytes, this.restoredStart, request, true)
    this.execute(request, reply)
    if (call.status !== Status.OK) reply.status = call.status
  }

  drop(call: GatewayCall): void {
    call.isDropped = true
  }

  copyValue(): void {}

  private copyOfValue({ command, staged, valueStart, valueEnd }: Request): Buffer {
    if (!STORING.has(command)) return Buffer.alloc(0)
    if (staged === undefined) return Buffer.from(this.bytes.subarray(valueStart, valueEnd))
    const parts: Buffer[] = []
    staged.eachPart({ add: (start, length) => parts.push(this.bytes.subarray(start, start + length)) })
    const value = Buffer.concat(parts)
    staged.discard()
    return value
  }
}

const HANDLER: GatewayHandler = { begin: () => undefined, finish: () => undefined }
