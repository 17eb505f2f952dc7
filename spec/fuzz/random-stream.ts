import { OPCODES, type Opcode } from '../../lib/protocol/binary/opcodes.js'
import { Op, request, uint32, uint64 } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import type { Random } from '../support/random.js'
import { randomFrame } from './frame-source.js'

/** Free memory is filled with it, and no stream holds a stretch of it: where it comes out, somebody read what was not his. */
export const MARKER = 0xee
export const MARKED = Buffer.alloc(8, MARKER)

/** What a user has to say to come in, and the line of the password file that lets him. */
const PROOF = '\0user\0secret'
export const PASSWORD_LINE = 'user:secret\n'

/** What one peer sends: so many frames in a row, most of them in order. */
export interface Stream {
  readonly bytes: Buffer
  readonly frameCount: number
}

/** With `isLoginWanted` most streams begin with a login. */
export function randomStream(random: Random, isLoginWanted: boolean): Stream {
  const frameCount = 1 + random.below(random.pick(FRAME_COUNTS))
  const spoiledShare = random.pick(SPOILED_SHARES)
  const frames: Buffer[] = isLoginWanted && random.chance(LOGIN_SHARE) ? [LOGIN] : []
  while (frames.length < frameCount) {
    const frame = random.chance(spoiledShare) ? randomFrame(random) : goodFrame(random)
    frames.push(frame)
    if (random.chance(DOUBLED_SHARE)) frames.push(frame)
  }
  const bytes = Buffer.concat(frames)
  const isCut = random.chance(CUT_SHARE)
  return { bytes: isCut ? bytes.subarray(0, random.below(bytes.length)) : bytes, frameCount: frames.length }
}

const FRAME_COUNTS = [4, 30, 30, 100, 400]
/** A spoiled frame mostly ends the connection, so there are many streams without one. */
const SPOILED_SHARES = [0, 0, 0.01, 0.2]
const DOUBLED_SHARE = 0.01
/** The peer breaks off in the middle of a frame. */
const CUT_SHARE = 0.1
const LOGIN_SHARE = 0.9
const LOGIN = request(Op.SASL_AUTH, { key: 'PLAIN', value: PROOF })

/** A request in order, though perhaps one that cannot be carried out. */
function goodFrame(random: Random): Buffer {
  const row = random.pick(ROWS)
  const isCounter = row.extras.includes('delta') || random.chance(0.02)
  return request(row.code, {
    extras: Buffer.concat(row.extras.map((name) => EXTRAS[name](random))),
    key: keyFor(random, row, isCounter),
    value: row.value === 'none' ? '' : valueFor(random, row, isCounter),
    opaque: random.below(0x1_0000_0000),
    cas: random.chance(0.05) ? BigInt(random.below(2000)) : 0n,
    vbucket: random.below(0x1_0000),
  })
}

/** How often some opcodes come, compared with the others: they end a connection, empty the store, or answer at length. */
const WEIGHT = 100
const WEIGHTS = new Map<number, number>([
  ...[Op.FLUSH, Op.FLUSHQ].map((code) => [code, 1] as const),
  ...[Op.QUIT, Op.QUITQ, Op.SASL_AUTH, Op.SASL_STEP, Op.STAT].map((code) => [code, 10] as const),
])
const ROWS = OPCODES.flatMap((row) => new Array<Opcode>(WEIGHTS.get(row.code) ?? WEIGHT).fill(row))

const EXTRAS: Readonly<Record<Opcode['extras'][number], (random: Random) => Buffer>> = {
  clientFlags: (random) => uint32(random.chance(0.5) ? 0 : random.below(0x1_0000_0000)),
  expiry: (random) => uint32(random.pick(EXPIRIES)),
  delta: (random) => uint64(random.pick(NUMBERS)),
  initial: (random) => uint64(random.pick(NUMBERS)),
}
const EXPIRIES = [0, 0, 0, 1, 60, 5000, 2_592_000, 2_592_001, 0xffff_ffff]
const NUMBERS = [0n, 1n, 9n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]

function keyFor(random: Random, { code, key }: Opcode, isCounter: boolean): string {
  if (key === 'none') return ''
  const names = NAMES.get(code) ?? (isCounter ? COUNTER_KEYS : random.chance(HOT_SHARE) ? HOT_KEYS : KEYS)
  return random.pick(names)
}

/** Some keys are no keys of items. */
const NAMES = new Map<number, readonly string[]>([
  [Op.STAT, ['', 'items', 'slabs', 'settings', 'conns', 'detail on', 'detail dump', 'detail off', 'no']],
  [Op.SASL_AUTH, ['PLAIN', 'CRAM-MD5', 'none']],
  [Op.SASL_STEP, ['PLAIN', 'CRAM-MD5', 'none']],
])
const KEYS = Array.from({ length: 20_000 }, (_, index) =>
  `key:${index}`.padEnd(index % 50 === 0 ? 250 : 1, '.'),
)
/** So few that many peers want the same at the same time. */
const HOT_KEYS = KEYS.slice(0, 20)
const HOT_SHARE = 0.5
const COUNTER_KEYS = Array.from({ length: 20 }, (_, index) => `counter:${index}`)

function valueFor(random: Random, { code }: Opcode, isCounter: boolean): string | Buffer {
  if (code === Op.SASL_AUTH || code === Op.SASL_STEP) return random.pick(PROOFS)
  if (isCounter) return random.pick(COUNTER_VALUES)
  const lengthMax = random.chance(LONG_SHARE) ? random.pick(LONG_LENGTHS) : SHORT_LENGTH
  const length = random.chance(0.5) ? lengthMax : random.below(lengthMax)
  const start = random.below(BYTES.length - length)
  return BYTES.subarray(start, start + length)
}

const PROOFS = [PROOF, `${PROOF}!`, '', 'user 00112233445566778899aabbccddeeff', '\0\0\0', 'x'.repeat(20_000)]
const COUNTER_VALUES = ['0', '9', '99', '10 ', '18446744073709551615', 'nine']
const LONG_SHARE = 0.03
const SHORT_LENGTH = 400
/** Around a read, of several pieces, and too large for the store. */
const LONG_LENGTHS = [20_000, 20_000, 20_000, 40_000, 40_000, 200_000, 1_200_000]
const BYTES = pattern(2 * 1024 * 1024).map((byte) => (byte === MARKER ? 0 : byte)) as Buffer
