// The process that loads a gateway: gateway-load.js PORT GATEWAY-PID. It is told what to run by messages.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { cpuSeconds } from '../support/usage.js'
import { type BatchBuilder, gets, multiSet, sets } from '../wire/batches.js'
import { exchange } from '../wire/exchange.js'
import { openedEvent, openSocket } from '../wire/open-socket.js'
import { type EngineRun, KEY_COUNT, keyAt, type LoadOrder, Times, VALUE } from './runs.js'

const [port, gatewayPid] = process.argv.slice(2).map(Number)
process.once('disconnect', () => process.exit())

const target = { port: port!, isEncrypted: false }
const BUILDERS: Readonly<Record<LoadOrder['command'], BatchBuilder>> = { get: gets, set: sets }
const KEYS_SET_AT_ONCE = 100
const keys = Array.from({ length: KEY_COUNT }, (_, index) => keyAt(index))
for (let first = 0; first < KEY_COUNT; first += KEYS_SET_AT_ONCE)
  await exchange(target, multiSet(keys.slice(first, first + KEYS_SET_AT_ONCE), VALUE))

/** A connection with so many requests in flight: each reply is followed by the next request. */
class Window {
  private readonly socket: Socket
  private readonly length: number
  private readonly requests: Buffer
  private readonly requestLength: number
  private readonly replyLength: number
  private readonly sentMs: number[] = []
  private receivedLength = 0
  private nextIndex: number
  private run: Run | undefined

  private constructor(socket: Socket, { command }: LoadOrder, length: number, firstKey: number) {
    const { request, reply } = BUILDERS[command](keys, VALUE)
    this.socket = socket
    this.length = length
    this.requests = request
    this.requestLength = request.length / KEY_COUNT
    this.replyLength = reply.length / KEY_COUNT
    this.nextIndex = firstKey
    socket.on('data', (chunk) => this.onBytes(chunk.length))
  }

  static async open(order: LoadOrder, length: number, firstKey: number): Promise<Window> {
    const socket = openSocket(target)
    await once(socket, openedEvent(target))
    return new Window(socket, order, length, firstKey)
  }

  begin(run: Run): void {
    this.run = run
    this.send(this.length)
  }

  private send(count: number): void {
    if (this.nextIndex + count > KEY_COUNT) this.nextIndex = 0
    const start = this.nextIndex * this.requestLength
    this.nextIndex += count
    const now = performance.now()
    for (let index = 0; index < count; index++) this.sentMs.push(now)
    this.socket.write(this.requests.subarray(start, start + count * this.requestLength))
  }

  private onBytes(length: number): void {
    this.receivedLength += length
    const count = Math.floor(this.receivedLength / this.replyLength)
    this.receivedLength -= count * this.replyLength
    for (let index = 0; index < count; index++) this.run!.times.note(this.sentMs.shift()!)
    this.run!.requestCount += count
    if (performance.now() < this.run!.endMs) this.send(count)
    else if (this.sentMs.length === 0) this.run!.windowEnded()
  }
}

class Run {
  readonly times = new Times()
  readonly endMs: number
  requestCount = 0
  readonly ended: Promise<void>
  private openCount: number
  private onEnd = (): void => undefined

  constructor(windows: readonly Window[], seconds: number) {
    this.endMs = performance.now() + seconds * 1000
    this.openCount = windows.length
    this.ended = new Promise((resolve) => {
      this.onEnd = resolve
    })
    for (const window of windows) window.begin(this)
  }

  windowEnded(): void {
    if (--this.openCount === 0) this.onEnd()
  }
}

/** Kept for the next run of the same kind. */
const opened = new Map<string, Promise<Window[]>>()

function windowsFor(order: LoadOrder): Promise<Window[]> {
  const [count, length] = order.shape === 'callers' ? [order.count, 1] : [1, order.count]
  const share = Math.floor(KEY_COUNT / count)
  return Promise.all(Array.from({ length: count }, (_, index) => Window.open(order, length, index * share)))
}

async function run(order: LoadOrder): Promise<EngineRun> {
  const name = `${order.command} ${order.shape} ${order.count}`
  if (!opened.has(name)) opened.set(name, windowsFor(order))
  const windows = await opened.get(name)!
  const cpuBefore = cpuSeconds(gatewayPid!)
  const start = performance.now()
  const current = new Run(windows, order.seconds)
  await current.ended
  return {
    requestCount: current.requestCount,
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: cpuSeconds(gatewayPid!) - cpuBefore,
    p50: current.times.p50,
  }
}

process.on('message', async (order) => process.send?.(await run(order as LoadOrder)))
process.send?.('ready')
