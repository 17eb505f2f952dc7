import fc from 'fast-check'
import { type Bytes, counterExtras, itemExtras, Op, uint32 } from '../support/frames.js'
import type { Step } from './play.js'

/** Few keys, and values that fit several commands, so that requests often affect each other. */
const KEYS = ['a', 'b', 'k'.repeat(250)]
const VALUES: Bytes[] = [
  '',
  '1',
  '9',
  '10',
  ' 7',
  '007',
  'text',
  '18446744073709551615',
  Buffer.alloc(20_000, 'v'),
]
/** No white space, which would let the beginning of a long value count as a number (known-differences.ts). */
const ENDS = ['', '1', '9', '007', 'text']
const EXPIRIES = [0, 0, 0, 100, 2592000, 2592001, 0x7fffffff, 0xffffffff]
const NUMBERS = [0n, 1n, 2n, 99n, 2n ** 63n, 2n ** 64n - 1n]

const key = fc.constantFrom(...KEYS)
const value = fc.constantFrom(...VALUES)
const end = fc.constantFrom(...ENDS)
const expiry = fc.constantFrom(...EXPIRIES)
const number = fc.constantFrom(...NUMBERS)
const item = fc.tuple(fc.constantFrom(0, 5, 0xffffffff), expiry).map((parts) => itemExtras(...parts))
const counter = fc.tuple(number, number, expiry).map((parts) => counterExtras(...parts))
const cas = fc.oneof(
  { weight: 6, arbitrary: fc.constant({}) },
  { weight: 3, arbitrary: fc.constant({ namesLearnedCas: true }) },
  { weight: 1, arbitrary: fc.constant({ cas: 1n << 50n }) },
)

function steps(opcodes: readonly number[], parts: Record<string, fc.Arbitrary<Bytes>>): fc.Arbitrary<Step> {
  return fc
    .tuple(fc.constantFrom(...opcodes), fc.record(parts), cas)
    .map(([opcode, fields, casFields]) => ({ opcode, ...fields, ...casFields }))
}

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: steps([Op.SET, Op.SETQ], { key, value, extras: item }) },
  { weight: 3, arbitrary: steps([Op.ADD, Op.ADDQ, Op.REPLACE, Op.REPLACEQ], { key, value, extras: item }) },
  { weight: 3, arbitrary: steps([Op.APPEND, Op.APPENDQ, Op.PREPEND, Op.PREPENDQ], { key, value: end }) },
  {
    weight: 4,
    arbitrary: steps([Op.INCREMENT, Op.INCREMENTQ, Op.DECREMENT, Op.DECREMENTQ], { key, extras: counter }),
  },
  { weight: 5, arbitrary: steps([Op.GET, Op.GETQ, Op.GETK, Op.GETKQ], { key }) },
  { weight: 2, arbitrary: steps([Op.DELETE, Op.DELETEQ], { key }) },
  {
    weight: 2,
    arbitrary: steps([Op.TOUCH, Op.GAT, Op.GATQ, Op.GATK, Op.GATKQ], { key, extras: expiry.map(uint32) }),
  },
  {
    weight: 1,
    arbitrary: steps([Op.FLUSH, Op.FLUSHQ, Op.NOOP, Op.VERSION, Op.STAT, Op.SASL_LIST, 0x1f, 0x77], {}),
  },
)

/** Of these, memcached reads a value as the next request (known-differences.ts). */
const READS_ON: readonly number[] = [Op.STAT, Op.VERBOSITY, Op.TOUCH, Op.GAT, Op.GATQ, Op.GATK, Op.GATKQ]

/** Parts at random: nearly all of these are refused, and the connection ends. */
const brokenStep: fc.Arbitrary<Step> = steps(
  Object.values(Op).filter((opcode) => !READS_ON.includes(opcode)),
  {
    key: fc.constantFrom('', 'a', 'k'.repeat(251)),
    value: fc.constantFrom('', 'v'),
    extras: fc.constantFrom('', '1234', '12345678'),
  },
)

/** A sequence, and sometimes a malformed request at its end. */
export const randomSteps: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(anyStep, { minLength: 1, maxLength: 60, size: 'max' }), fc.option(brokenStep, { freq: 5 }))
  .map(([all, broken]) => (broken ? [...all, broken] : all))
