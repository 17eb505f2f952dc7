import type { Ending } from '../support/connection.js'
import type { ServerProcess } from '../support/server.js'
import { TEXT_WIRE } from '../support/text-replies.js'

/** A line, perhaps with a value behind it, without the end of the last line. */
export type TextStep = string

/** A server's replies to lines, and how it left the connection: equal for two servers that behave alike. */
export async function playText(server: ServerProcess, steps: readonly TextStep[]): Promise<string[]> {
  const connection = await server.connect()
  connection.send(Buffer.concat([TEXT_WIRE.clear, TEXT_WIRE.fence]))
  await connection.receiveUntil(TEXT_WIRE.fenceReply)
  const replies: Buffer[] = []
  let ending: Ending | undefined
  for (const [start, end] of roundsOf(steps)) {
    const requests = steps.slice(start, end).map((step) => encode(step, replies))
    connection.send(Buffer.concat([...requests, TEXT_WIRE.fence]))
    const received = await connection.receiveUntilOrEnd(TEXT_WIRE.fenceReply)
    replies.push(...TEXT_WIRE.split(received.bytes).filter((reply) => !reply.equals(TEXT_WIRE.fenceReply)))
    ending = received.ending
    if (ending !== undefined) break
  }
  connection.close()
  return [...show(replies), ending ?? 'the connection stays']
}

/** Stands in a step for the cas that the server sent last. */
export const LEARNED = '{cas}'

/**
 * Which lines are sent together. One with a learned cas waits for the replies before it. So does a counter: memcached
 * pads a shorter number with spaces only while no unsent reply holds the item.
 */
function* roundsOf(steps: readonly TextStep[]): Generator<[start: number, end: number]> {
  let start = 0
  for (const [index, step] of steps.entries()) {
    if (index === start || !(step.includes(LEARNED) || /^(incr|decr|ma) /.test(step))) continue
    yield [start, index]
    start = index
  }
  yield [start, steps.length]
}

function encode(step: TextStep, replies: readonly Buffer[]): Buffer {
  const told = replies.findLast((reply) => TEXT_WIRE.casOf(reply) !== 0n)
  return Buffer.from(`${step.replace(LEARNED, String(told ? TEXT_WIRE.casOf(told) : 1))}\r\n`, 'latin1')
}

/** The servers count changes differently: a cas is named by the order in which it was first seen. */
function show(replies: readonly Buffer[]): string[] {
  const names = new Map([[0n, 'none']])
  const nameOf = (cas: bigint): string => {
    if (!names.has(cas)) names.set(cas, `#${names.size}`)
    return names.get(cas)!
  }
  return replies.map((reply) =>
    reply.toString('latin1', 0, 8) === 'VERSION ' ? 'a version' : TEXT_WIRE.show(reply, nameOf),
  )
}
