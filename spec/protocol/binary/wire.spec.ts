import { answer, ask, END, unknown, useBinaryTranscripts } from '../../support/binary-transcript.js'
import { counterExtras, itemExtras, Op, uint32, uint64 } from '../../support/frames.js'
import { ANY_CAS } from '../../support/transcript.js'

const NOT_FOUND = { status: 0x01, value: 'Not found' }
const EXISTS = { status: 0x02, value: 'Data exists for key.' }
const NOT_STORED = { status: 0x05, value: 'Not stored.' }
const NOT_A_NUMBER = { status: 0x06, value: 'Non-numeric server-side value for incr or decr' }
const stored = (opcode: number, opaque = 0) => answer(opcode, { casName: ANY_CAS, opaque })
const put = (key: string, value = 'value', flags = 0) =>
  [ask(Op.SET, { key, value, extras: itemExtras(flags) }), answer(Op.SET, { casName: `put ${key}` })] as const

describe('A binary reply', () => {
  const transcript = useBinaryTranscripts()

  transcript('echoes all 32 bits of the opaque, in errors too', [
    ...[0, 1, 0x7fffffff, 0x80000000, 0xfffefdfc, 0xffffffff].flatMap((opaque) => [
      [ask(Op.NOOP, { opaque }), answer(Op.NOOP, { opaque })] as const,
      [ask(Op.GET, { key: 'none', opaque }), answer(Op.GET, { ...NOT_FOUND, opaque })] as const,
      [ask(0x77, { opaque }), unknown(0x77, { opaque })] as const,
    ]),
  ])

  transcript('does not depend on the vbucket, which is ignored', [
    [
      ask(Op.SET, { key: 'key', value: 'v', extras: itemExtras(), vbucket: 77 }),
      answer(Op.SET, { casName: 'first' }),
    ],
    [
      ask(Op.GET, { key: 'key', vbucket: 0xffff }),
      answer(Op.GET, { extras: uint32(0), value: 'v', casName: 'first' }),
    ],
  ])

  transcript('does not depend on the data type of the request', [
    [ask(Op.NOOP, { dataType: 5 }), answer(Op.NOOP)],
    [ask(Op.GET, { key: 'none', dataType: 0xff }), answer(Op.GET, NOT_FOUND)],
  ])

  transcript('of GETK and GATK has the key, byte for byte, in a hit', [
    put('a\0b\r\n\xff', 'value', 7),
    [
      ask(Op.GETK, { key: 'a\0b\r\n\xff' }),
      answer(Op.GETK, {
        key: 'a\0b\r\n\xff',
        extras: uint32(7),
        value: 'value',
        casName: 'put a\0b\r\n\xff',
      }),
    ],
    [
      ask(Op.GATK, { key: 'a\0b\r\n\xff', extras: uint32(100) }),
      answer(Op.GATK, {
        key: 'a\0b\r\n\xff',
        extras: uint32(7),
        value: 'value',
        casName: 'put a\0b\r\n\xff',
      }),
    ],
  ])

  transcript('of GETK and GATK is the key and no text in a miss', [
    [ask(Op.GETK, { key: 'none' }), answer(Op.GETK, { status: 0x01, key: 'none' })],
    [ask(Op.GATK, { key: 'none', extras: uint32(100) }), answer(Op.GATK, { status: 0x01, key: 'none' })],
    [ask(Op.GETK, { key: 'k'.repeat(250) }), answer(Op.GETK, { status: 0x01, key: 'k'.repeat(250) })],
  ])

  transcript('of GETK to an empty value holds flags and key', [
    put('empty', '', 3),
    [
      ask(Op.GETK, { key: 'empty' }),
      answer(Op.GETK, { key: 'empty', extras: uint32(3), casName: 'put empty' }),
    ],
  ])

  transcript('of TOUCH holds the flags as extras and nothing else', [
    put('key', 'value', 0xdeadbeef),
    [
      ask(Op.TOUCH, { key: 'key', extras: uint32(0) }),
      answer(Op.TOUCH, { extras: uint32(0xdeadbeef), casName: 'put key' }),
    ],
    [ask(Op.TOUCH, { key: 'none', extras: uint32(0) }), answer(Op.TOUCH, NOT_FOUND)],
  ])

  transcript('of a change holds the cas and no body; of delete and flush no cas', [
    put('key', '1'),
    [ask(Op.REPLACE, { key: 'key', value: '1', extras: itemExtras() }), stored(Op.REPLACE)],
    [ask(Op.APPEND, { key: 'key', value: '1' }), stored(Op.APPEND)],
    [ask(Op.PREPEND, { key: 'key', value: '1' }), stored(Op.PREPEND)],
    [
      ask(Op.INCREMENT, { key: 'key', extras: counterExtras(1n) }),
      answer(Op.INCREMENT, { value: uint64(112n), casName: ANY_CAS }),
    ],
    [ask(Op.DELETE, { key: 'key' }), answer(Op.DELETE)],
    [ask(Op.FLUSH), answer(Op.FLUSH)],
    [ask(Op.FLUSH, { extras: uint32(0) }), answer(Op.FLUSH)],
  ])

  transcript('of QUIT is sent before the close', [
    put('key', 'v'),
    [ask(Op.QUIT, { opaque: 9 }), answer(Op.QUIT, { opaque: 9 }), END],
  ])

  transcript('of QUITQ is the close alone', [
    [ask(Op.GET, { key: 'none' }), answer(Op.GET, NOT_FOUND)],
    [ask(Op.QUITQ), END],
  ])

  transcript('of an unknown opcode is an error, and the connection stays open', [
    ...[Op.VERBOSITY, 0x1f, 0x25, 0x26, 0x2f, 0x3d, 0x40, 0x45, 0x80, 0xfe, 0xff].map(
      (opcode) => [ask(opcode, { opaque: opcode }), unknown(opcode, { opaque: opcode })] as const,
    ),
  ])

  transcript('of SASL on a server without it is "unknown command", and the connection stays open', [
    [ask(Op.SASL_LIST), unknown(Op.SASL_LIST)],
    [ask(Op.SASL_AUTH, { key: 'PLAIN', value: '\0user\0password' }), unknown(Op.SASL_AUTH)],
    [ask(Op.SASL_STEP, { key: 'PLAIN', value: 'more' }), unknown(Op.SASL_STEP)],
    [ask(Op.SASL_AUTH, { key: 'P'.repeat(33) }), unknown(Op.SASL_AUTH)],
  ])
})

describe('The body of a request with an unknown opcode', () => {
  const transcript = useBinaryTranscripts()

  transcript('is skipped, so that the next request is decoded', [
    [ask(0x77, { value: 'some bytes' }), unknown(0x77)],
    [ask(0x25, { key: 'key', extras: '1234', value: 'value' }), unknown(0x25)],
    [ask(Op.VERBOSITY, { extras: uint32(1) }), unknown(Op.VERBOSITY)],
    [ask(0x88, { value: request80() }), unknown(0x88)],
    [ask(0xff, { value: Buffer.alloc(100_000, 0x80) }), unknown(0xff)],
  ])
})

/** A body that looks like a request. */
function request80(): Buffer {
  return ask(Op.QUIT).bytes(0n)
}

describe('A quiet command', () => {
  const transcript = useBinaryTranscripts()

  transcript('is not answered when a get misses', [
    [ask(Op.GETQ, { key: 'none' })],
    [ask(Op.GETKQ, { key: 'none' })],
    [ask(Op.GATQ, { key: 'none', extras: uint32(100) })],
    [ask(Op.GATKQ, { key: 'none', extras: uint32(100) })],
  ])

  transcript('is answered with its own opcode in a hit', [
    put('key', 'value', 5),
    [
      ask(Op.GETQ, { key: 'key', opaque: 1 }),
      answer(Op.GETQ, { extras: uint32(5), value: 'value', opaque: 1, casName: 'put key' }),
    ],
    [
      ask(Op.GETKQ, { key: 'key', opaque: 2 }),
      answer(Op.GETKQ, { extras: uint32(5), key: 'key', value: 'value', opaque: 2, casName: 'put key' }),
    ],
    [
      ask(Op.GATQ, { key: 'key', extras: uint32(100), opaque: 3 }),
      answer(Op.GATQ, { extras: uint32(5), value: 'value', opaque: 3, casName: 'put key' }),
    ],
    [
      ask(Op.GATKQ, { key: 'key', extras: uint32(100), opaque: 4 }),
      answer(Op.GATKQ, { extras: uint32(5), key: 'key', value: 'value', opaque: 4, casName: 'put key' }),
    ],
  ])

  transcript('is not answered when it succeeds, and the next reply is the next command’s', [
    [ask(Op.SETQ, { key: 'key', value: '1', extras: itemExtras() })],
    [ask(Op.NOOP, { opaque: 1 }), answer(Op.NOOP, { opaque: 1 })],
    [ask(Op.ADDQ, { key: 'new', value: '1', extras: itemExtras() })],
    [ask(Op.REPLACEQ, { key: 'key', value: '1', extras: itemExtras() })],
    [ask(Op.APPENDQ, { key: 'key', value: '1' })],
    [ask(Op.PREPENDQ, { key: 'key', value: '1' })],
    [ask(Op.INCREMENTQ, { key: 'key', extras: counterExtras(1n) })],
    [ask(Op.DECREMENTQ, { key: 'key', extras: counterExtras(2n) })],
    [
      ask(Op.GET, { key: 'key', opaque: 2 }),
      answer(Op.GET, { extras: uint32(0), value: '110', opaque: 2, casName: ANY_CAS }),
    ],
    [ask(Op.DELETEQ, { key: 'new' })],
    [ask(Op.FLUSHQ)],
    [ask(Op.FLUSHQ, { extras: uint32(0) })],
    [ask(Op.GET, { key: 'key', opaque: 3 }), answer(Op.GET, { ...NOT_FOUND, opaque: 3 })],
  ])

  transcript('is answered in every failure, with its own opcode and opaque', [
    put('key', 'text'),
    [
      ask(Op.ADDQ, { key: 'key', value: 'v', extras: itemExtras(), opaque: 1 }),
      answer(Op.ADDQ, { ...EXISTS, opaque: 1 }),
    ],
    [
      ask(Op.REPLACEQ, { key: 'none', value: 'v', extras: itemExtras(), opaque: 2 }),
      answer(Op.REPLACEQ, { ...NOT_FOUND, opaque: 2 }),
    ],
    [ask(Op.DELETEQ, { key: 'none', opaque: 3 }), answer(Op.DELETEQ, { ...NOT_FOUND, opaque: 3 })],
    [
      ask(Op.APPENDQ, { key: 'none', value: 'v', opaque: 4 }),
      answer(Op.APPENDQ, { ...NOT_STORED, opaque: 4 }),
    ],
    [
      ask(Op.PREPENDQ, { key: 'none', value: 'v', opaque: 5 }),
      answer(Op.PREPENDQ, { ...NOT_STORED, opaque: 5 }),
    ],
    [
      ask(Op.INCREMENTQ, { key: 'none', extras: counterExtras(1n, 0n, 0xffffffff), opaque: 6 }),
      answer(Op.INCREMENTQ, { ...NOT_FOUND, opaque: 6 }),
    ],
    [
      ask(Op.DECREMENTQ, { key: 'key', extras: counterExtras(1n), opaque: 7 }),
      answer(Op.DECREMENTQ, { ...NOT_A_NUMBER, opaque: 7 }),
    ],
    [
      ask(Op.SETQ, { key: 'key', value: 'v', extras: itemExtras(), cas: 0x1234n << 40n, opaque: 8 }),
      answer(Op.SETQ, { ...EXISTS, opaque: 8 }),
    ],
    [
      ask(Op.DELETEQ, { key: 'key', cas: 0x1234n << 40n, opaque: 9 }),
      answer(Op.DELETEQ, { ...EXISTS, opaque: 9 }),
    ],
  ])

  transcript('in a batch is answered in its place: a client’s get of many keys', [
    put('two', '2'),
    put('four', '4'),
    ...['one', 'two', 'three', 'four'].map((key, index) =>
      key === 'two' || key === 'four'
        ? ([
            ask(Op.GETKQ, { key, opaque: index }),
            answer(Op.GETKQ, {
              key,
              extras: uint32(0),
              value: `${index + 1}`,
              opaque: index,
              casName: `put ${key}`,
            }),
          ] as const)
        : ([ask(Op.GETKQ, { key, opaque: index })] as const),
    ),
    [ask(Op.GETK, { key: 'five', opaque: 4 }), answer(Op.GETK, { status: 1, key: 'five', opaque: 4 })],
  ])
})
