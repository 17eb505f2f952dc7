import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Random } from '../../support/random.js'

/** A chunk on its way. */
export interface Passage {
  readonly bytes: Buffer
  readonly source: Socket
  readonly target: Socket
  readonly random: Random
  readonly sleep: (ms: number) => Promise<unknown>
}

/** Resolves when the next chunk may follow. */
export type Fault = (passage: Passage) => unknown

/** What happens to chunks, and to how many of 10,000. */
export const FAULTS: Readonly<Record<string, readonly [number, Fault]>> = {
  delays: [60, (passage) => hold(passage, 1 + passage.random.below(40))],
  'delays for long': [4, (passage) => hold(passage, 100 + passage.random.below(400))],
  /** Longer than any deadline. */
  stalls: [1, (passage) => hold(passage, 2000 + passage.random.below(3000))],
  /** As when a firewall forgets a connection: nothing arrives any more, and nothing is closed. */
  'goes silent': [1, () => new Promise(() => {})],
  splits: [150, split],
  'sends byte by byte': [2, (passage) => sendBytes(passage)],
  cuts: [4, cut],
  resets: [4, reset],
  'half-closes': [3, halfClose],
  'drops bytes': [3, drop],
}

async function hold({ bytes, target, sleep }: Passage, ms: number): Promise<void> {
  await sleep(ms)
  target.write(bytes)
}

async function split({ bytes, target, random }: Passage): Promise<void> {
  const middle = random.below(bytes.length + 1)
  target.write(bytes.subarray(0, middle))
  await nextTurn()
  target.write(bytes.subarray(middle))
}

async function sendBytes({ bytes, target }: Passage): Promise<void> {
  const end = Math.min(bytes.length, SINGLE_BYTES_MAX)
  for (let at = 0; at < end; at++) {
    target.write(bytes.subarray(at, at + 1))
    await nextTurn()
  }
  target.write(bytes.subarray(end))
}

const SINGLE_BYTES_MAX = 500

function writePart({ bytes, target, random }: Passage): void {
  target.write(bytes.subarray(0, random.below(bytes.length + 1)))
}

async function cut(passage: Passage): Promise<void> {
  writePart(passage)
  await nextTurn()
  passage.target.destroy()
}

async function reset(passage: Passage): Promise<void> {
  writePart(passage)
  await nextTurn()
  passage.target.resetAndDestroy()
}

/** Sends no more to one side, and reads on. */
function halfClose(passage: Passage): void {
  writePart(passage)
  passage.target.end()
  passage.source.resume()
}

/** The rest is lost until the connection is closed, as when a router forgets it. */
async function drop(passage: Passage): Promise<void> {
  writePart(passage)
  await passage.sleep(passage.random.below(1000))
  passage.target.destroy()
}
