// Many subscribers, each with a prefix of its own, and the clients that make the changes: crowd-load.js PORT ADMIN-PORT SUBSCRIBERS
// CHANGES-PER-SECOND. Sends 'ready' once all have subscribed; then each message with a number of seconds is a run.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOST } from '../support/server.js'

/** Milliseconds from the reply to a set until its event has come. */
export interface CrowdRun {
  readonly changesPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** Events that have not come. */
  readonly missedCount: number
}

const [port, adminPort, subscriberCount, changesPerSecond] = process.argv.slice(2).map(Number) as [
  number,
  number,
  number,
  number,
]
// The bench has ended, for whatever reason.
process.once('disconnect', () => process.exit())

const TICK_MS = 1
/** What has not come when nothing has come for so long is missed. */
const SILENCE_MS_MAX = 5000
const REPLY_LENGTH = 'STORED\r\n'.length
const KEY = Buffer.from('"key":"')
const KIND = Buffer.from('{"kind":"set')
const LINE_FEED = 0x0a
const PREFIX_LENGTH = 6
const NUMBER_LENGTH = 9

/** By the number of the change. */
let repliedMs: number[] = []
let eventMs: number[] = []
let eventCount = 0
let sentCount = 0
let replyLength = 0

const prefixOf = (index: number): string => `p${`${index}`.padStart(4, '0')}:`

/** The number of a change is behind the prefix of its key. Returns where the last whole line ends. */
function noteEvents(bytes: Buffer, end: number): number {
  const nowMs = performance.now()
  let lineEnd = 0
  for (let at = bytes.indexOf(KEY); at !== -1 && at < end; at = bytes.indexOf(KEY, lineEnd)) {
    const next = bytes.indexOf(LINE_FEED, at) + 1
    if (next === 0 || next > end) break
    lineEnd = next
    const start = at + KEY.length + PREFIX_LENGTH
    eventMs[Number(bytes.toString('latin1', start, start + NUMBER_LENGTH))] = nowMs
    eventCount++
  }
  return lineEnd
}

/** All read into one buffer, and make no strings: the load must not be slower than the server. */
const input = Buffer.alloc(64 * 1024)

async function subscribe(index: number): Promise<void> {
  let rest = Buffer.alloc(0)
  let begin: () => void
  const hasBegun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const callback = (length: number): boolean => {
    begin()
    if (rest.length === 0) {
      const end = noteEvents(input, length)
      // Framing of chunks, or the first part of an event.
      if (input.indexOf(KIND, end) !== -1 && input.indexOf(KIND, end) < length)
        rest = Buffer.from(input.subarray(end, length))
    } else {
      const whole = Buffer.concat([rest, input.subarray(0, length)])
      rest = whole.subarray(noteEvents(whole, whole.length))
    }
    return true
  }
  const socket = connect({ port: adminPort, host: HOST, onread: { buffer: input, callback } })
  socket.write(`GET /v1/changes?feed=ndjson&prefix=${prefixOf(index)} HTTP/1.1\r\nhost: ${HOST}\r\n\r\n`)
  await hasBegun
}

function noteReplies(bytes: Buffer): void {
  const nowMs = performance.now()
  replyLength += bytes.length
  while (repliedMs.length < Math.floor(replyLength / REPLY_LENGTH)) repliedMs.push(nowMs)
}

function send(client: Socket, endCount: number): void {
  let requests = ''
  for (; sentCount < endCount; sentCount++) {
    const key = `${prefixOf((sentCount * 7919) % subscriberCount)}${`${sentCount}`.padStart(9, '0')}`
    requests += `set ${key} 0 0 4\r\nfour\r\n`
  }
  if (requests !== '') client.write(requests)
}

async function untilAllHaveCome(): Promise<void> {
  let beginMs = performance.now()
  for (let count = eventCount; eventCount < sentCount || repliedMs.length < sentCount; await sleep(TICK_MS)) {
    if (eventCount > count) beginMs = performance.now()
    else if (performance.now() - beginMs > SILENCE_MS_MAX) return
    count = eventCount
  }
}

async function run(client: Socket, seconds: number): Promise<CrowdRun> {
  repliedMs = []
  eventMs = []
  eventCount = 0
  sentCount = 0
  replyLength = 0
  const beginMs = performance.now()
  for (let passedMs = 0; passedMs < seconds * 1000; passedMs = performance.now() - beginMs) {
    send(client, Math.floor((passedMs * changesPerSecond) / 1000))
    await sleep(TICK_MS)
  }
  const passedSeconds = (performance.now() - beginMs) / 1000
  await untilAllHaveCome()
  const delays: number[] = []
  for (let index = 0; index < sentCount; index++) {
    const delay = (eventMs[index] ?? Number.NaN) - (repliedMs[index] ?? Number.NaN)
    // The event may come before the reply.
    if (!Number.isNaN(delay)) delays.push(Math.max(0, delay))
  }
  delays.sort((a, b) => a - b)
  const at = (share: number): number => delays[Math.floor(share * (delays.length - 1))] ?? 0
  return {
    changesPerSecond: sentCount / passedSeconds,
    p50: at(0.5),
    p99: at(0.99),
    longest: at(1),
    missedCount: sentCount - delays.length,
  }
}

for (let index = 0; index < subscriberCount; index++) await subscribe(index)
const client = connect(port, HOST).setNoDelay(true).on('data', noteReplies)
await once(client, 'connect')
process.on('message', async (seconds) => process.send?.(await run(client, Number(seconds))))
process.send?.('ready')
