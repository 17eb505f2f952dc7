import { type Bytes, counterExtras, itemExtras, Op, uint32 } from '../support/frames.js'
import type { Step } from './play.js'

/** No server counts so far. */
const WRONG_CAS = 1n << 50n
const LEARNED = { namesLearnedCas: true }

const MALFORMED: readonly Step[] = [
  step(Op.NOOP, { extras: '1234' }),
  step(Op.NOOP, { key: 'k' }),
  step(Op.GET),
  step(Op.GET, { key: 'a', value: 'x' }),
  step(Op.GET, { key: 'a', extras: 'xxxx' }),
  step(Op.GET, { key: 'a'.repeat(251) }),
  step(Op.SET, { key: 'a', value: 'x' }),
  step(Op.SETQ, { key: 'a', value: 'x' }),
  step(Op.SET, { key: 'a'.repeat(251), value: 'x', extras: itemExtras() }),
  step(Op.APPEND, { key: 'q', value: '1', extras: '1234' }),
  step(Op.DELETE, { key: 'q', extras: '1234' }),
  step(Op.DELETE, { key: 'q', value: '1' }),
  step(Op.INCREMENT, { key: 'q' }),
  step(Op.INCREMENT, { key: 'q', extras: counterExtras(0n), value: '5' }),
  step(Op.TOUCH, { key: 'q' }),
  step(Op.TOUCH, { key: 'q', extras: itemExtras() }),
  step(Op.GAT, { key: 'q' }),
  step(Op.FLUSH, { key: 'k' }),
  step(Op.FLUSH, { extras: itemExtras() }),
  step(Op.QUIT, { key: 'k' }),
  step(Op.VERSION, { key: 'k' }),
  step(Op.STAT, { extras: '1234' }),
  step(Op.SASL_LIST, { key: 'k' }),
  step(Op.GET, { key: 'abc', bodyLength: 1 }),
  step(Op.GET, { key: 'k'.repeat(300), bodyLength: 7 }),
  step(Op.SET, { key: 'a', extras: itemExtras(), bodyLength: 7 }),
  step(Op.SET, { key: 'a', extras: itemExtras(), bodyLength: 8 }),
  step(0x77, { key: 'k'.repeat(300) }),
  step(Op.NOOP, { key: 'k'.repeat(300) }),
  step(Op.SASL_AUTH, { key: 'k'.repeat(300) }),
  step(Op.SASL_AUTH),
  step(Op.SASL_AUTH, { key: 'PLAIN', extras: '1234' }),
]

const GROUPS = [
  '',
  'settings',
  'slabs',
  'sizes',
  'reset',
  'resetx',
  'reset foo',
  'settingsx',
  'detail',
  'detail on',
  'detail off',
  'detail dump',
  'detail x',
  'cachedump',
  'cachedump 1 1',
  'extstore',
  'threads',
  'nope',
]

const NUMBERS = [
  ' 5',
  '5 ',
  '',
  '-5',
  'abc',
  '18446744073709551616',
  '18446744073709551615',
  '5x',
  '+5',
  '0x10',
  '007',
  '5\0',
  '5\n',
  '123456789012345678901234',
  `1${' '.repeat(30)}`,
  '\t5',
  '99999999999999999999',
  '1 2',
  '+',
  '+-5',
  '5\0x',
  '\v5',
  '5\v',
  '\xa05',
]

const EXPIRIES = [0xffffffff, 0xfffffffe, 0x80000000, 0x7fffffff, 100, 2592000, 2592001]

/** Sequences that each test one special case. */
export const SEQUENCES: Readonly<Record<string, readonly Step[]>> = {
  'noop, version and quit': [step(Op.NOOP), step(Op.VERSION), step(Op.QUIT), step(Op.NOOP)],
  quitq: [step(Op.NOOP), step(Op.QUITQ), step(Op.NOOP)],
  'unknown opcodes': [0x1b, 0x1f, 0x25, 0x55, 0xff].map((opcode) => step(opcode)),
  'sasl without -S': [
    step(Op.SASL_LIST),
    step(Op.SASL_AUTH, { key: 'PLAIN', value: '\0user\0password' }),
    step(Op.SASL_AUTH, { key: 'P'.repeat(33) }),
    step(Op.SASL_STEP, { key: 'PLAIN', value: 'user' }),
  ],
  'a data type and a vbucket': [
    step(Op.NOOP, { dataType: 5 }),
    set('v', '1', { vbucket: 77 }),
    get('v', { vbucket: 3 }),
  ],
  'text after binary': [step(Op.NOOP), step(Op.NOOP, { magic: 0x41 })],
  'a reply instead of a request': [step(Op.NOOP), step(Op.NOOP, { magic: 0x81 })],
  'a cas of nothing': [
    step(Op.SET, { key: 'q', value: '1', extras: itemExtras(), cas: 5n }),
    step(Op.ADD, { key: 'q', value: '1', extras: itemExtras(), cas: 5n }),
    step(Op.REPLACE, { key: 'q', value: '1', extras: itemExtras(), cas: 5n }),
    step(Op.APPEND, { key: 'q', value: '1', cas: 5n }),
    step(Op.DELETE, { key: 'q', cas: 5n }),
    step(Op.INCREMENT, { key: 'q', extras: counterExtras(0n), cas: 5n }),
  ],
  'a wrong cas': [
    set('v', '1'),
    step(Op.PREPEND, { key: 'v', value: '1', cas: WRONG_CAS }),
    step(Op.PREPEND, { key: 'v', value: '0' }),
    get('v', { cas: WRONG_CAS }),
    step(Op.INCREMENT, { key: 'v', extras: counterExtras(1n), cas: WRONG_CAS }),
    step(Op.DELETE, { key: 'v', cas: WRONG_CAS }),
    step(Op.DELETE, { key: 'v' }),
  ],
  'the right cas in every command': [
    set('v', '1'),
    step(Op.SET, { key: 'v', value: '2', extras: itemExtras(), ...LEARNED }),
    step(Op.ADD, { key: 'v', value: '3', extras: itemExtras(), ...LEARNED }),
    step(Op.REPLACE, { key: 'v', value: '4', extras: itemExtras(), ...LEARNED }),
    step(Op.APPEND, { key: 'v', value: '5', ...LEARNED }),
    step(Op.PREPEND, { key: 'v', value: '6', ...LEARNED }),
    step(Op.INCREMENT, { key: 'v', extras: counterExtras(1n), ...LEARNED }),
    step(Op.DECREMENT, { key: 'v', extras: counterExtras(1n), ...LEARNED }),
    get('v', LEARNED),
    step(Op.TOUCH, { key: 'v', extras: uint32(100), ...LEARNED }),
    step(Op.DELETE, { key: 'v', ...LEARNED }),
    get('v'),
  ],
  'appending to nothing, and nothing': [
    step(Op.APPEND, { key: 'v', value: '1' }),
    step(Op.PREPEND, { key: 'v' }),
    set('v', '1'),
    step(Op.APPEND, { key: 'v' }),
    get('v'),
  ],
  'an empty value': [set('g', ''), get('g'), step(Op.GETK, { key: 'g' }), step(Op.GETKQ, { key: 'g' })],
  'quiet failures': [
    set('g', '1'),
    step(Op.ADDQ, { key: 'g', value: '2', extras: itemExtras() }),
    step(Op.REPLACEQ, { key: 'none', extras: itemExtras() }),
    step(Op.DELETEQ, { key: 'none' }),
    step(Op.APPENDQ, { key: 'none', value: '1' }),
    step(Op.INCREMENTQ, { key: 'none', extras: counterExtras(1n, 77n, 0xffffffff) }),
  ],
  touching: [
    set('t', 'v'),
    ...['t', 'none'].flatMap((key) =>
      [Op.TOUCH, Op.GAT, Op.GATK, Op.GATQ, Op.GATKQ].map((opcode) =>
        step(opcode, { key, extras: uint32(10) }),
      ),
    ),
  ],
  'too large to set': [set('big', 'old'), set('big', tooLarge()), get('big')],
  'too large to set with a cas': [set('big', 'old'), set('big', tooLarge(), { cas: 99n }), get('big')],
  'too large to set quietly': [
    set('big', 'old'),
    step(Op.SETQ, { key: 'big', extras: itemExtras(), value: tooLarge() }),
    get('big'),
  ],
  'too large to add': [
    set('big', 'old'),
    step(Op.ADD, { key: 'big', extras: itemExtras(), value: tooLarge() }),
    get('big'),
  ],
  'too large to append': [set('big', 'old'), step(Op.APPEND, { key: 'big', value: tooLarge() }), get('big')],
  'too large when grown': [
    set('big', 'x'.repeat(1_048_000)),
    step(Op.APPEND, { key: 'big', value: 'x'.repeat(1000) }),
    step(Op.APPEND, { key: 'big', value: 'xxx' }),
    get('big'),
  ],
  'a body above all limits': [step(Op.NOOP, { bodyLength: 0x7fffffff })],
  'a get with a body above all limits': [step(Op.GET, { keyLength: 1, bodyLength: 0x7fffffff })],
  'a counter that is created': [
    count(Op.INCREMENT, 'c', 1n, 77n, 0),
    get('c'),
    count(Op.INCREMENT, 'c', 1n, 77n, 0xffffffff),
    count(Op.DECREMENT, 'd', 1n, 77n, 0xffffffff),
    count(Op.DECREMENT, 'd', 1n, 77n, 0xfffffffe),
    get('d'),
  ],
  ...Object.fromEntries(MALFORMED.map((request, index) => [`malformed request ${index}`, [request]])),
  ...Object.fromEntries(GROUPS.map((group) => [`statistics of '${group}'`, [step(Op.STAT, { key: group })]])),
  ...Object.fromEntries(NUMBERS.map((text) => [`counting from ${JSON.stringify(text)}`, countingFrom(text)])),
  ...Object.fromEntries(EXPIRIES.map((expiry) => [`an expiry of ${expiry}`, expiring(expiry)])),
}

function step(opcode: number, fields: Omit<Step, 'opcode'> = {}): Step {
  return { opcode, ...fields }
}

function get(key: string, fields: Omit<Step, 'opcode'> = {}): Step {
  return step(Op.GET, { key, ...fields })
}

function set(key: string, value: Bytes, fields: Omit<Step, 'opcode'> = {}): Step {
  return step(Op.SET, { key, value, extras: itemExtras(7), ...fields })
}

function count(opcode: number, key: string, delta: bigint, initial = 0n, expiry = 0): Step {
  return step(opcode, { key, extras: counterExtras(delta, initial, expiry) })
}

/** Above every limit. */
function tooLarge(): Buffer {
  return Buffer.alloc(1_048_600, 'x')
}

function countingFrom(text: string): Step[] {
  const up = count(Op.INCREMENT, 'n', 1n)
  const down = count(Op.DECREMENT, 'n', 2n)
  const read = step(Op.GETK, { key: 'n' })
  return [set('n', text), up, read, down, read, down, read]
}

function expiring(expiry: number): Step[] {
  const touched = [Op.TOUCH, Op.GAT].flatMap((opcode) => [
    set('e', 'v'),
    step(opcode, { key: 'e', extras: uint32(expiry) }),
    get('e'),
  ])
  const stored = [set('e', 'v', { extras: itemExtras(0, expiry) }), get('e')]
  return [...stored, count(Op.INCREMENT, 'c', 1n, 5n, expiry), get('c'), ...touched]
}
