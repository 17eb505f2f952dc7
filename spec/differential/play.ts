import type { Ending } from '../support/connection.js'
import {
  casOf,
  type FrameFields,
  Op,
  opaqueOf,
  opcodeOf,
  reply,
  request,
  showFrame,
  splitFrames,
  statusOf,
} from '../support/frames.js'
import type { ServerProcess } from '../support/server.js'

/** A request for two servers. Its cas may be the last that the server sent for this key: each has its own numbers. */
export interface Step extends FrameFields {
  readonly opcode: number
  readonly namesLearnedCas?: boolean
}

const FENCE_OPAQUE = 0xfe0cefe0
const FENCE = request(Op.NOOP, { opaque: FENCE_OPAQUE })
const FENCE_REPLY = reply(Op.NOOP, { opaque: FENCE_OPAQUE })

/** A server's replies, and how it left the connection: equal for two servers that behave alike. */
export async function play(server: ServerProcess, steps: readonly Step[]): Promise<string[]> {
  const connection = await server.connect()
  connection.send(Buffer.concat([request(Op.FLUSHQ), FENCE]))
  await connection.receiveUntil(FENCE_REPLY)
  const replies: Buffer[] = []
  let ending: Ending | undefined
  for (const [start, end] of roundsOf(steps)) {
    const requests = steps.slice(start, end).map((step, index) => encode(step, start + index, steps, replies))
    connection.send(Buffer.concat([...requests, FENCE]))
    const received = await connection.receiveUntilOrEnd(FENCE_REPLY)
    replies.push(...splitFrames(received.bytes).filter((frame) => !frame.equals(FENCE_REPLY)))
    ending = received.ending
    if (ending !== undefined) break
  }
  connection.close()
  return [...show(replies), ending ?? 'the connection stays']
}

/**
 * Which requests are sent together. One that names a learned cas waits for the replies before it. So does a counter:
 * memcached pads a shorter number with spaces only while no unsent reply holds the item.
 */
function* roundsOf(steps: readonly Step[]): Generator<[start: number, end: number]> {
  let start = 0
  for (const [index, step] of steps.entries()) {
    if (index === start || !(step.namesLearnedCas || COUNTERS.has(step.opcode))) continue
    yield [start, index]
    start = index
  }
  yield [start, steps.length]
}

const COUNTERS: ReadonlySet<number> = new Set([Op.INCREMENT, Op.INCREMENTQ, Op.DECREMENT, Op.DECREMENTQ])

/** The opaque of a request is its place in the sequence: so a reply tells the key that its cas belongs to. */
function encode(step: Step, index: number, steps: readonly Step[], replies: readonly Buffer[]): Buffer {
  const learned = step.namesLearnedCas
    ? replies.findLast((each) => casOf(each) !== 0n && steps[opaqueOf(each)]?.key === step.key)
    : undefined
  return request(step.opcode, { opaque: index, ...step, ...(learned && { cas: casOf(learned) }) })
}

/** The servers count changes differently: a cas is named by the order in which it was first seen. */
function show(replies: readonly Buffer[]): string[] {
  const names = new Map([[0n, 'none']])
  const nameOf = (cas: bigint): string => {
    if (!names.has(cas)) names.set(cas, `#${names.size}`)
    return names.get(cas)!
  }
  const shown = replies.map((frame) => {
    // What a server reports about itself may differ.
    if (statusOf(frame) !== 0) return showFrame(frame, nameOf)
    if (opcodeOf(frame) === Op.VERSION) return 'a version'
    if (opcodeOf(frame) === Op.STAT && frame.length > 24) return 'statistics'
    return showFrame(frame, nameOf)
  })
  return shown.filter((text, index) => text !== 'statistics' || shown[index - 1] !== text)
}
