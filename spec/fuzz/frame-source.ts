/**
 * Input for anything that reads binary requests: valid frames, frames with one or two errors, and garbage. Where the
 * caller sends the bytes is open: a socket (frames.spec.ts), or a decoder in this process.
 */
import { counterExtras, HEADER_LENGTH, itemExtras, Op, request, uint32 } from '../support/frames.js'
import type { Random } from '../support/random.js'

/** Some frames in a row. The first one is valid, because the first byte of a connection selects its protocol. */
export function randomInput(random: Random): Buffer {
  const frames = Array.from({ length: random.below(20) }, () => randomFrame(random))
  return Buffer.concat([goodFrame(random), ...frames])
}

/** Cuts bytes into pieces of random lengths. */
export function randomCuts(random: Random, bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = []
  let rest = bytes
  while (rest.length > 0) {
    const length = 1 + random.below(random.pick([4, 40, 400, 40_000]))
    pieces.push(rest.subarray(0, length))
    rest = rest.subarray(length)
  }
  return pieces
}

export function randomFrame(random: Random): Buffer {
  const frame = goodFrame(random)
  if (random.chance(0.75)) return frame
  return random.pick(DAMAGES)(random, frame)
}

const KEYS = ['a', 'b', 'counter', '\0', 'k'.repeat(250)]
const VALUES = ['', '1', '18446744073709551615', 'text', 'v'.repeat(1000), 'v'.repeat(40_000)]
const EXPIRIES = [0, 1, 100, 2592001, 0x7fffffff, 0xffffffff]
const NUMBERS = [0n, 1n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]
const LENGTHS = [0, 1, 2, 8, 20, 24, 250, 251, 65_535]
const BODY_LENGTHS = [0, 1, 7, 24, 1024 * 1024, 1024 * 1024 + 1, 0x7fffffff, 0x80000000, 0xffffffff]

const ITEMS: readonly number[] = [Op.SET, Op.ADD, Op.REPLACE, Op.SETQ, Op.ADDQ, Op.REPLACEQ]
const ENDS: readonly number[] = [Op.APPEND, Op.PREPEND, Op.APPENDQ, Op.PREPENDQ]
const COUNTERS: readonly number[] = [Op.INCREMENT, Op.DECREMENT, Op.INCREMENTQ, Op.DECREMENTQ]
const TOUCHES: readonly number[] = [Op.TOUCH, Op.GAT, Op.GATQ, Op.GATK, Op.GATKQ]
const KEYED: readonly number[] = [Op.GET, Op.GETQ, Op.GETK, Op.GETKQ, Op.DELETE, Op.DELETEQ]
/** Without QUIT, which would end every input early. */
const BARE: readonly number[] = [Op.NOOP, Op.VERSION, Op.STAT, Op.FLUSH, Op.FLUSHQ, Op.SASL_LIST, 0x1f, 0x99]
const KINDS = [ITEMS, ITEMS, ITEMS, ENDS, COUNTERS, TOUCHES, KEYED, KEYED, KEYED, BARE]

function goodFrame(random: Random): Buffer {
  const kind = random.pick(KINDS)
  const opcode = random.pick(kind)
  const common = {
    opaque: random.below(2 ** 32),
    cas: random.chance(0.125) ? BigInt(random.below(1000)) : 0n,
  }
  if (kind === BARE) return request(opcode, common)
  const keyed = { ...common, key: random.pick(KEYS) }
  if (kind === ITEMS) {
    const extras = itemExtras(random.below(2 ** 32), random.pick(EXPIRIES))
    return request(opcode, { ...keyed, extras, value: random.pick(VALUES) })
  }
  if (kind === ENDS) return request(opcode, { ...keyed, value: random.pick(VALUES) })
  if (kind === TOUCHES) return request(opcode, { ...keyed, extras: uint32(random.pick(EXPIRIES)) })
  if (kind === COUNTERS) {
    const extras = counterExtras(random.pick(NUMBERS), random.pick(NUMBERS), random.pick(EXPIRIES))
    return request(opcode, { ...keyed, extras })
  }
  return request(opcode, keyed)
}

type Damage = (random: Random, frame: Buffer) => Buffer

/** Each spoils a valid frame. */
const DAMAGES: readonly Damage[] = [
  function flipBit(random, frame) {
    const at = random.below(Math.min(frame.length, 2 * HEADER_LENGTH))
    frame[at] = frame[at]! ^ (1 << random.below(8))
    return frame
  },
  function otherOpcode(random, frame) {
    frame[1] = random.below(256)
    return frame
  },
  function otherKeyLength(random, frame) {
    frame.writeUInt16BE(random.pick(LENGTHS), 2)
    return frame
  },
  function otherExtrasLength(random, frame) {
    frame.writeUInt8(random.pick(LENGTHS) & 0xff, 4)
    return frame
  },
  function otherBodyLength(random, frame) {
    frame.writeUInt32BE(random.pick(BODY_LENGTHS), 8)
    return frame
  },
  function cutOff(random, frame) {
    return frame.subarray(0, random.below(frame.length))
  },
  function rubbishBefore(random, frame) {
    return Buffer.concat([rubbish(random, 60), frame])
  },
  function rubbishAlone(random) {
    return rubbish(random, 200)
  },
  function quit() {
    return request(Op.QUIT)
  },
]

function rubbish(random: Random, lengthMax: number): Buffer {
  return Buffer.from(Array.from({ length: random.below(lengthMax) }, () => random.below(256)))
}
