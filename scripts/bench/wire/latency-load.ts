// The process that sends gets at a fixed rate: latency-load.js PORT CONNECTIONS RATE. It sends 'ready' once it is
// connected. Then each message with a number of seconds is a run, and the reply has its latencies.
import type { Socket } from 'node:net'
import { Status } from '../../../lib/request/status.js'
import { replyFrame, requestFrame } from '../support/frames.js'
import { multiSet } from './batches.js'
import { exchange, openConnections } from './exchange.js'
import type { LatencyFigures } from './latency.js'
import { openedEvent, openSocket } from './open-socket.js'

const [port, connectionCount, rate] = process.argv.slice(2).map(Number)
process.once('disconnect', () => process.exit())

const KEY = Buffer.from('key:00000000')
const VALUE = Buffer.alloc(100, 'value ')
const GET = requestFrame('get', { key: KEY })
const REPLY_LENGTH = replyFrame('get', Status.OK, { extras: Buffer.alloc(4), value: VALUE }).length
/** Counts of latencies by microsecond; longer ones are in the last place. */
const MICROSECONDS_MAX = 1_000_000
const counts = new Uint32Array(MICROSECONDS_MAX + 1)
let answeredCount = 0

/**
 * A connection that sends each request when it is due, whether or not earlier ones are answered. Latency counts from that
 * time, not from the write: otherwise a server that stalls would hide how long later requests had to wait.
 */
class PacedConnection {
  private readonly socket: Socket
  private readonly dueTimes: number[] = []
  private byteCount = 0

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => this.take(chunk.length))
  }

  static open(): Promise<PacedConnection> {
    const target = { port: port!, isEncrypted: false }
    const socket = openSocket(target)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.once(openedEvent(target), () => resolve(new PacedConnection(socket)))
    })
  }

  ask(dueTime: number): void {
    this.dueTimes.push(dueTime)
    this.socket.write(GET)
  }

  private take(length: number): void {
    const now = performance.now()
    for (this.byteCount += length; this.byteCount >= REPLY_LENGTH; this.byteCount -= REPLY_LENGTH) {
      const microseconds = Math.round((now - this.dueTimes.shift()!) * 1000)
      counts[Math.min(microseconds, MICROSECONDS_MAX)]!++
      answeredCount++
    }
  }
}

/** The latency that this share of the requests does not exceed. */
function percentile(share: number): number {
  let left = Math.ceil(answeredCount * share)
  let microseconds = 0
  while (left > counts[microseconds]!) left -= counts[microseconds++]!
  return microseconds
}

function run(connections: readonly PacedConnection[], seconds: number): Promise<LatencyFigures> {
  counts.fill(0)
  answeredCount = 0
  const total = Math.round(seconds * rate!)
  const start = performance.now()
  let askedCount = 0
  return new Promise((resolve) => {
    const turn = (): void => {
      const dueCount = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate!))
      for (; askedCount < dueCount; askedCount++)
        connections[askedCount % connections.length]!.ask(start + (askedCount / rate!) * 1000)
      if (answeredCount < total) {
        setImmediate(turn)
        return
      }
      const requestsPerSecond = total / ((performance.now() - start) / 1000)
      resolve({ p99: percentile(0.99), p999: percentile(0.999), requestsPerSecond })
    }
    turn()
  })
}

await exchange({ port: port!, isEncrypted: false }, multiSet([KEY], VALUE))
const connections = await openConnections(connectionCount!, () => PacedConnection.open())
process.on('message', async (seconds) => process.send?.(await run(connections, Number(seconds))))
process.send?.('ready')
