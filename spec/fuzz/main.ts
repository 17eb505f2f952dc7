/**
 * npm run fuzz -- --frames 10000000 --seed 7: many more frames than the spec has time for, and as many lines.
 * npm run fuzz -- --frames 10000000 --port 11211: the frames alone, over sockets to a server that runs with `-B binary`.
 */
import { Random } from '../support/random.js'
import { readWords, refuseWords } from '../support/words.js'
import { ConnectionFuzz } from './connection-fuzz.js'
import { HEAP_GROWTH_MAX, heapLength } from './heap.js'
import { LineFuzz } from './line-fuzz.js'
import { SocketFuzz } from './socket-fuzz.js'

const MEGABYTE = 1024 * 1024
const FRAMES_PER_LINE = 1_000_000
/** Streams of lines for each run of frames: about as much time goes into each. */
const STREAMS_PER_RUN = 500
const COLUMNS = [
  'lines answered',
  'frames',
  'connections',
  'replies',
  'broken off',
  'frames/s',
  'RSS MB',
  'heap MB',
]

const USAGE = 'usage: npm run fuzz -- [--frames NUMBER] [--seed INTEGER] [--port NUMBER]'

const { values } = readWords(USAGE, {
  frames: { type: 'string', default: '1000000' },
  seed: { type: 'string' },
  port: { type: 'string' },
})
const frameCount = Number(values.frames)
const seed = values.seed === undefined ? new Random().seed : Number(values.seed)
if (!(frameCount > 0) || !Number.isInteger(seed)) refuseWords(USAGE)

if (values.port !== undefined) {
  await fuzzServer(Number(values.port))
  process.exit()
}

const fuzz = new ConnectionFuzz(seed)
const lines = new LineFuzz(seed)
const started = performance.now()
print(COLUMNS)
// The first run warms up: what is allocated once is not growth.
await fuzz.run()
await lines.run(STREAMS_PER_RUN)
const heapAtStart = printLine()
let heap = heapAtStart
while (fuzz.frameCount < frameCount) {
  const next = Math.min(frameCount, fuzz.frameCount + FRAMES_PER_LINE)
  while (fuzz.frameCount < next) {
    await fuzz.run()
    await lines.run(STREAMS_PER_RUN)
  }
  heap = printLine()
}
console.log(`the seed was ${seed}`)
if (heap - heapAtStart > HEAP_GROWTH_MAX) {
  console.error('the heap has grown')
  process.exit(1)
}

async function fuzzServer(port: number): Promise<void> {
  console.log(`the seed is ${seed}`)
  const sockets = new SocketFuzz(port, seed)
  print(['frames', 'connections', 'replies', 'reset'])
  while (sockets.frameCount < frameCount) {
    await sockets.run(Math.min(FRAMES_PER_LINE, frameCount - sockets.frameCount))
    print([sockets.frameCount, sockets.connectionCount, sockets.replyCount, sockets.resetCount])
  }
}

/** Returns how much of the heap is in use. */
function printLine(): number {
  const seconds = (performance.now() - started) / 1000
  const used = heapLength()
  print([
    lines.replyCount,
    fuzz.frameCount,
    fuzz.connectionCount,
    fuzz.replyCount,
    fuzz.brokenOffCount,
    Math.round(fuzz.frameCount / seconds),
    Math.round(process.memoryUsage.rss() / MEGABYTE),
    (used / MEGABYTE).toFixed(1),
  ])
  return used
}

function print(cells: readonly (number | string)[]): void {
  console.log(cells.map((cell) => cell.toLocaleString('en').padStart(15)).join(''))
}
