/**
 * How much faster the kernel of the arena is than plain JavaScript, in nanoseconds a call. `node
 * dist/scripts/bench/kernel.js`
 */
import { Arena } from '../../lib/arena/arena.js'

const CALLS = 5_000_000
const arena = Arena.create(1 << 20)
const region = arena.reserve(1 << 19)
const { bytes } = arena

const loops = {
  move: (target: number, source: number, length: number) =>
    bytes.copyWithin(target, source, source + length)[0]!,
  equal: (a: number, b: number, length: number) => {
    for (let at = 0; at < length; at++) if (bytes[a + at] !== bytes[b + at]) return 0
    return 1
  },
  hash: (start: number, length: number) => {
    let hash = 0x811c9dc5
    for (let at = 0; at < length; at++) hash = Math.imul(hash ^ bytes[start + at]!, 16777619)
    return hash
  },
}

/** Each call uses another place, so that alignments differ and no call can be optimized away. */
function nanoseconds(call: (place: number) => unknown): string {
  let started = 0n
  for (const round of ['warm-up', 'measured']) {
    started = process.hrtime.bigint()
    for (let index = 0; index < CALLS; index++) call(region + (index & 1023))
    if (round === 'measured') break
  }
  return (Number(process.hrtime.bigint() - started) / CALLS).toFixed(1).padStart(8)
}

const far = 1 << 16
console.log('bytes   move: kernel, copyWithin   equal: kernel, loop   hash: kernel (SipHash), loop (FNV-1a)')
for (const length of [8, 16, 32, 100, 250]) {
  const figures = [
    nanoseconds((place) => arena.move(place + far, place, length)),
    nanoseconds((place) => loops.move(place + far, place, length)),
    nanoseconds((place) => arena.equal(place, place + far, length)),
    nanoseconds((place) => loops.equal(place, place + far, length)),
    nanoseconds((place) => arena.hash(place, length)),
    nanoseconds((place) => loops.hash(place, length)),
  ]
  console.log(String(length).padStart(5), ...figures)
}

const { words } = arena
/** As in the read-write lock: another worker's lease, the own one, and the writer word of a stripe. */
const [leases, own, stripe] = [region, region + 64, region + 128]
const byAtomics = {
  read: () => {
    Atomics.store(words, own >>> 2, 8)
    Atomics.load(words, stripe >>> 2)
    return Atomics.exchange(words, own >>> 2, 0)
  },
  write: () => {
    Atomics.compareExchange(words, stripe >>> 2, 0, 1)
    Atomics.load(words, leases >>> 2)
    return Atomics.exchange(words, stripe >>> 2, 0)
  },
}
const byKernel = {
  read: () => {
    arena.leaseStripe(own, 8, stripe)
    return arena.giveBack(own)
  },
  write: () => {
    arena.claimStripe(stripe, 1, leases, stripe, 8)
    return arena.giveBack(stripe)
  },
}
words.fill(0, region >>> 2, (region + 256) >>> 2)
console.log(
  '\na lock of two workers, locked and unlocked   to read: kernel, Atomics   to write: kernel, Atomics',
)
const [toRead, toWrite] = [byKernel.read, byKernel.write].map(nanoseconds)
console.log(toRead, nanoseconds(byAtomics.read), toWrite, nanoseconds(byAtomics.write))
