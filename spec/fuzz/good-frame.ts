import { OPCODES, type Opcode } from '../../lib/protocol/binary/opcodes.js'
import { Op, request, uint32, uint64 } from '../support/frames.js'
import type { Random } from '../support/random.js'
import { MARKER } from './marker.js'

/** A valid request, though perhaps one that fails. */
export function goodFrame(random: Random): Buffer {
  const row = random.pick(ROWS)
  const kind = SPECIAL_KINDS.get(row.code) ?? random.pick(KINDS)
  const key = row.key === 'none' ? '' : random.pick(kind.keys)
  return request(row.code, {
    extras: Buffer.concat(row.extras.map((name) => EXTRAS[name](random))),
    key,
    value: row.value === 'none' ? '' : kind.value(random, key),
    opaque: random.below(0x1_0000_0000),
    cas: random.chance(0.05) ? BigInt(random.below(2000)) : 0n,
    vbucket: random.below(0x1_0000),
  })
}

/** How often an opcode occurs, compared with the others. */
const WEIGHT = 10
const WEIGHTS = new Map<number, number>([
  ...[Op.SET, Op.SETQ].map((code) => [code, 60] as const),
  ...[Op.GET, Op.GETQ, Op.GETK, Op.GETKQ].map((code) => [code, 30] as const),
  // These end a connection, empty the store, or have long replies.
  ...[Op.QUIT, Op.QUITQ, Op.FLUSH, Op.FLUSHQ, Op.SASL_AUTH, Op.SASL_STEP, Op.STAT].map(
    (code) => [code, 1] as const,
  ),
])
const ROWS = OPCODES.flatMap((row) => new Array<Opcode>(WEIGHTS.get(row.code) ?? WEIGHT).fill(row))

const EXTRAS: Readonly<Record<Opcode['extras'][number], (random: Random) => Buffer>> = {
  clientFlags: (random) => uint32(random.chance(0.5) ? 0 : random.below(0x1_0000_0000)),
  expiry: (random) => uint32(random.pick(EXPIRIES)),
  delta: (random) => uint64(random.pick(NUMBERS)),
  initial: (random) => uint64(random.pick(NUMBERS)),
}
const EXPIRIES = [0, 0, 0, 0, 0, 0, 1, 60, 5000, 2_592_000, 2_592_001, 0xffff_ffff]
const NUMBERS = [0n, 1n, 9n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]

/** What a user sends to log in, and the line of the password file that allows it. */
const PROOF = '\0user\0secret'
export const PASSWORD_LINE = 'user:secret\n'
export const LOGIN = request(Op.SASL_AUTH, { key: 'PLAIN', value: PROOF })

/** Keys and their values. */
interface Kind {
  readonly keys: readonly string[]
  value(random: Random, key: string): string | Buffer
}

const keysNamed = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}:${index}`.padEnd(index % 50 === 0 ? 250 : 1, '.'))

/** So many that they do not fit into memory. */
const MANY: Kind = { keys: keysNamed('key', 20_000), value: valueOfAnyLength }
/** So few that many peers use the same at the same time. */
const HOT: Kind = { keys: keysNamed('hot', 20), value: valueOfAnyLength }
/** Long enough to be sent without a copy, and of one length, so that they are overwritten in place too. */
const LINKED: Kind = { keys: keysNamed('linked', 4), value: (random, key) => valueUnder(random, key, 20_000) }
const COUNTERS: Kind = {
  keys: keysNamed('counter', 20),
  value: (random) => random.pick(['0', '9', '99', '10 ', '18446744073709551615', 'nine']),
}
const PROOFS = [PROOF, `${PROOF}!`, '', 'user 00112233445566778899aabbccddeeff', '\0\0\0', 'x'.repeat(20_000)]
const LOGINS: Kind = { keys: ['PLAIN', 'CRAM-MD5', 'none'], value: (random) => random.pick(PROOFS) }
const STATISTICS: Kind = {
  keys: ['', 'items', 'slabs', 'settings', 'conns', 'detail on', 'detail dump', 'detail off', 'no'],
  value: () => '',
}
/** As often as they occur. */
const KINDS = [...new Array<Kind>(20).fill(MANY), ...new Array<Kind>(20).fill(HOT), LINKED, LINKED, COUNTERS]
const SPECIAL_KINDS = new Map<number, Kind>([
  [Op.STAT, STATISTICS],
  ...[Op.SASL_AUTH, Op.SASL_STEP].map((code) => [code, LOGINS] as const),
  ...[Op.INCREMENT, Op.INCREMENTQ, Op.DECREMENT, Op.DECREMENTQ].map((code) => [code, COUNTERS] as const),
])

function valueOfAnyLength(random: Random, key: string): Buffer {
  const lengthMax = random.chance(LONG_SHARE) ? random.pick(LONG_LENGTHS) : SHORT_LENGTH
  return valueUnder(random, key, random.chance(0.5) ? lengthMax : random.below(lengthMax))
}

const LONG_SHARE = 0.03
const SHORT_LENGTH = 1000
/** About as long as a read, of several pieces, and too large for the store. */
const LONG_LENGTHS = [20_000, 20_000, 20_000, 40_000, 40_000, 200_000, 1_200_000]

// ─── the values of a key ─────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Each key has two bytes, and every value stored under it repeats one of the two. This shows when a value is
 * not that of its key, and when one overwrites another that is still being sent.
 */
const BYTES = new Map(
  [MANY, HOT, LINKED].flatMap(({ keys }) => keys.map((key, index) => [key, (2 * index) % MARKER] as const)),
)

const valueUnder = (random: Random, key: string, length: number): Buffer =>
  Buffer.alloc(length, BYTES.get(key)! + random.below(2))

/** Whether valid frames can have stored this value under that key. */
export function canBeValue(key: string, value: Buffer): boolean {
  const even = BYTES.get(key)
  if (even === undefined) return true
  for (let at = 0; at < value.length; at++) if ((value[at]! & ~1) !== even) return false
  return true
}
