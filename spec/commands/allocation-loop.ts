/**
 * How many bytes of the heap 200,000 requests of each kind allocate, printed as JSON. It is a program of its own: a
 * program that counts bytes must have the heap to itself.
 */
import { detectProtocol } from '../../lib/protocol/detect.js'
import { COPIED_VALUE_LENGTH_MAX } from '../../lib/request/limits.js'
import { Status } from '../../lib/request/status.js'
import { counterExtras, itemExtras, Op, request, uint32 } from '../support/frames.js'
import { leastGrowth } from '../support/heap-growth.js'
import { pattern } from '../support/pattern.js'
import { createWorkerKit } from '../support/worker-kit.js'

const KEY_COUNT = 500
const BATCH_LENGTH = 50
/** Each round sends two frames for each key. */
const ROUND_COUNT = 200
const MEMORY_LENGTH = 32 * 1024 * 1024

interface EventKind {
  /** What is executed once for each key, before anything is counted. */
  readonly first?: (key: string) => Buffer
  /** The requests that are counted: one for each key, and then, with `isSecond`, one more for each. */
  readonly frame: (key: string, isSecond: boolean) => Buffer
  readonly status?: Status
  /** Allocates a record for every request, to show that this is noticed. */
  readonly isWasteful?: boolean
}

const VALUE = pattern(100)
const LONGER_VALUE = pattern(180)
const NUMBER = Buffer.from('1000000000')

const set = (key: string, value: Buffer, expiry = 0) =>
  request(Op.SET, { key, value, extras: itemExtras(7, expiry) })
const line = (words: string) => Buffer.from(`${words}\r\n`)
const textSet = (key: string, value: Buffer) =>
  Buffer.concat([line(`set ${key} 7 0 ${value.length}`), value, line('')])
const metaSet = (key: string, value: Buffer) =>
  Buffer.concat([line(`ms ${key} ${value.length} F7 c k`), value, line('')])
const setFirst = { first: (key: string) => set(key, VALUE) }
const setFirstWithExpiry = { first: (key: string) => set(key, VALUE, 100) }
const missing = { status: Status.NOT_FOUND }

const KINDS: Readonly<Record<string, EventKind>> = {
  'get, found': { ...setFirst, frame: (key) => request(Op.GET, { key }) },
  'getkq, found': { ...setFirst, frame: (key) => request(Op.GETKQ, { key }) },
  'get, not found': { ...missing, frame: (key) => request(Op.GET, { key }) },
  'getkq, not found': { ...missing, frame: (key) => request(Op.GETKQ, { key }) },
  'set over a value of the same length': { ...setFirst, frame: (key) => set(key, VALUE) },
  'set over a value of another length': {
    frame: (key, isSecond) => set(key, isSecond ? LONGER_VALUE : VALUE),
  },
  'set of a new key, and delete': {
    frame: (key, isSecond) => (isSecond ? request(Op.DELETE, { key }) : set(key, VALUE)),
  },
  'delete, not found': { ...missing, frame: (key) => request(Op.DELETE, { key }) },
  increment: {
    first: (key) => set(key, NUMBER),
    frame: (key) => request(Op.INCREMENT, { key, extras: counterExtras(3n) }),
  },
  touch: {
    ...setFirstWithExpiry,
    frame: (key, isSecond) => request(Op.TOUCH, { key, extras: uint32(isSecond ? 200 : 300) }),
  },
  'text get, found': { ...setFirst, frame: (key) => line(`get ${key}`) },
  'text gets, found': { ...setFirst, frame: (key) => line(`gets ${key}`) },
  'text get, not found': { ...missing, frame: (key) => line(`get ${key}`) },
  'text get of three keys': { ...setFirst, frame: (key) => line(`get ${key} ${key} ${key}`) },
  'text set over a value of the same length': { ...setFirst, frame: (key) => textSet(key, VALUE) },
  'text set of a new key, and delete': {
    frame: (key, isSecond) => (isSecond ? line(`delete ${key}`) : textSet(key, VALUE)),
  },
  'text incr': { first: (key) => set(key, NUMBER), frame: (key) => line(`incr ${key} 3`) },
  'text touch': {
    ...setFirstWithExpiry,
    frame: (key, isSecond) => line(`touch ${key} ${isSecond ? 200 : 300}`),
  },
  'mg, found': { ...setFirst, frame: (key) => line(`mg ${key} v f c k t s h l O1`) },
  'mg, not found': { ...missing, frame: (key) => line(`mg ${key} v k`) },
  'ms over a value of the same length': { ...setFirst, frame: (key) => metaSet(key, VALUE) },
  'ms of a new key, and md': {
    frame: (key, isSecond) => (isSecond ? line(`md ${key} q`) : metaSet(key, VALUE)),
  },
  ma: { first: (key) => set(key, NUMBER), frame: (key) => line(`ma ${key} D3 v c t`) },
  noop: { frame: () => request(Op.NOOP) },
  'a record for every request': { frame: () => request(Op.NOOP), isWasteful: true },
}

const { worker } = createWorkerKit({ memoryLength: MEMORY_LENGTH })
const waste: { last: unknown } = { last: undefined }

/** Writes frames into windows. Returns where each batch begins and ends. */
function lay(frames: readonly Buffer[]): Int32Array[] {
  const batches: Int32Array[] = []
  for (let first = 0; first < frames.length; first += BATCH_LENGTH) {
    const window = worker.pool.take()!
    const bytes = Buffer.concat(frames.slice(first, first + BATCH_LENGTH))
    worker.arena.bytes.set(bytes, window.start)
    batches.push(Int32Array.of(window.start, window.start + bytes.length))
  }
  return batches
}

/** The loop of a connection, without the connection. */
function answer(batch: Int32Array, status: Status, isWasteful: boolean): void {
  const { arena, engine, output, reply } = worker
  const end = batch[1]!
  const protocol = detectProtocol('auto', arena.bytes[batch[0]!]!)
  for (let cursor = batch[0]!; cursor < end; ) {
    const next = protocol.decodeRequest(arena, cursor, end, worker.request)
    engine.execute(worker.request, reply)
    protocol.encodeReply(arena, worker.request, reply, output, COPIED_VALUE_LENGTH_MAX)
    engine.release()
    if (reply.status !== status) throw new Error(`the status is ${reply.status}, not ${status}`)
    if (isWasteful) waste.last = { cursor }
    cursor = next
  }
  output.clear()
}

function measure(name: string, kind: EventKind): number {
  const { first, frame, status = Status.OK, isWasteful = false } = kind
  const keys = Array.from({ length: KEY_COUNT }, (_, index) => `${name.replaceAll(' ', '-')}:${index}`)
  if (first !== undefined) for (const batch of lay(keys.map(first))) answer(batch, Status.OK, false)
  const batches = lay([false, true].flatMap((isSecond) => keys.map((key) => frame(key, isSecond))))
  const work = () => {
    for (let round = 0; round < ROUND_COUNT; round++)
      for (const batch of batches) answer(batch, status, isWasteful)
  }
  return leastGrowth(work)
}

console.log(
  JSON.stringify(
    Object.fromEntries(Object.entries(KINDS).map(([name, kind]) => [name, measure(name, kind)])),
  ),
)
