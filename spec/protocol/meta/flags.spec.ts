import { expect } from 'chai'
import { FLAGS } from '../../../lib/protocol/meta/flags.js'
import { END, type TextLine, useTextTranscripts } from '../../support/text-transcript.js'

/** A transcript for each flag, and perhaps more than one. */
const TRANSCRIPTS: Readonly<Record<string, readonly TextLine[]>> = {
  b: [
    ['ms Zm9v 2 b k\r\nhi', 'HD kZm9v b'],
    ['mg foo v', 'VA 2\r\nhi'],
    ['mg Zm9v b k v', 'VA 2 kZm9v b\r\nhi'],
    ['mg Zm9vYg== b k', 'EN kZm9vYg== b'],
    ['ms AAEgDQo= 1 b\r\nx', 'HD'],
    ['mg AAEgDQo= b k v', 'VA 1 kAAEgDQo= b\r\nx'],
    ['ma AAE= b N0 J5 k', 'HD kAAE= b'],
    ['md Zm9v b k', 'HD kZm9v b'],
    ['mg Zm9 b', 'CLIENT_ERROR error decoding key'],
    ['ms Zm9 1 b\r\nx', 'CLIENT_ERROR error decoding key'],
    ['me Zm9 b', 'CLIENT_ERROR bad command line format'],
  ],
  c: [
    ['ms k 1 c\r\nx', 'HD c{first}'],
    ['mg k c', 'HD c{first}'],
    ['gets k', 'VALUE k 0 1 {first}\r\nx\r\nEND'],
    ['ms k 1 c ME\r\nx', 'NS c0'],
    ['ma n N0 c', 'HD c{counter}'],
    ['mg n c', 'HD c{counter}'],
  ],
  f: [
    ['ms k 1 F4294967295\r\nx', 'HD'],
    ['mg k f', 'HD f4294967295'],
    ['mg k f v', 'VA 1 f4294967295\r\nx'],
  ],
  h: [
    ['ms k 1\r\nx', 'HD'],
    ['mg k h', 'HD h0'],
    ['mg k h', 'HD h1'],
    ['ms k 1\r\ny', 'HD'],
    ['mg k h', 'HD h0'],
  ],
  k: [
    ['ms k 1 k\r\nx', 'HD kk'],
    ['mg k k', 'HD kk'],
    ['mg none k', 'EN knone'],
    ['ma none k', 'NF knone'],
    ['ma k k', 'CLIENT_ERROR cannot increment or decrement non-numeric value'],
    ['md k k', 'HD kk'],
    ['md k k', 'NF kk'],
  ],
  l: [
    ['ms k 1\r\nx', 'HD'],
    ['mg k l', 'HD l0'],
  ],
  q: [
    ['ms k 1 q\r\n1'],
    ['mg k q', 'HD'],
    ['mg k q v', 'VA 1\r\n1'],
    ['mg none q k O1'],
    ['ma k q'],
    ['ma k q v'],
    ['mg v1 q N30', 'HD W'],
    ['ma none q', 'NF'],
    ['ma made q N0', 'HD'],
    ['ma made q N0'],
    ['ms k 1 q ME\r\n1', 'NS'],
    ['ms k 1 q C1\r\n1', 'EX'],
    ['md k q C1', 'EX'],
    ['md k q'],
    ['md k q', 'NF'],
    ['ms k q', 'CLIENT_ERROR bad command line format'],
    ['mg k q v v', 'CLIENT_ERROR duplicate flag'],
  ],
  s: [
    ['ms k 2 s\r\nhi', 'HD s2'],
    ['mg k s', 'HD s2'],
    ['mg k s v', 'VA 2 s2\r\nhi'],
    ['ms k 3 s MA\r\nabc', 'HD s5'],
    ['ms k 1 s MP\r\nz', 'HD s6'],
    ['ms k 3 s ME\r\nabc', 'NS s3'],
  ],
  t: [
    ['ms k 1 T100\r\nx', 'HD'],
    ['mg k t', 'HD t100'],
    ['ms k 1\r\n1', 'HD'],
    ['mg k t', 'HD t-1'],
    ['ma k t', 'HD t-1'],
    ['ma k t T100', 'HD t-1'],
    ['ma k t', 'HD t100'],
  ],
  u: [
    ['ms k 1\r\nx', 'HD'],
    ['mg k u h', 'HD h0'],
    ['mg k h u', 'HD h0'],
    ['mg k h', 'HD h0'],
    ['mg k h', 'HD h1'],
  ],
  v: [
    ['ms k 2\r\nhi', 'HD'],
    ['mg k v', 'VA 2\r\nhi'],
    ['mg k', 'HD'],
    ['ms e 0\r\n', 'HD'],
    ['mg e v', 'VA 0\r\n'],
    ['ma n N0 J13 v', 'VA 2\r\n13'],
  ],
  x: [
    ['ms k 2 F5 T100\r\nhi', 'HD'],
    ['mg k c', 'HD c{first}'],
    ['md k x', 'HD'],
    ['mg k s v f c', 'VA 0 s0 f0 c{first}\r\n'],
    ['ms k 2\r\nhi', 'HD'],
    ['md k x I T30', 'HD'],
    ['mg k s v t', 'VA 0 s0 t30 X W\r\n'],
    ['md none x', 'NF'],
  ],
  C: [
    ['ms k 1 c\r\nx', 'HD c{first}'],
    ['ms k 1 C99\r\ny', 'EX'],
    ['ms k 1 c C99\r\ny', 'EX c0'],
    ['ms k 1 c C0\r\ny', 'EX c0'],
    ['ms k 1 MR C99\r\ny', 'EX'],
    ['ms k 1 MA C99\r\ny', 'EX'],
    ['ms k 1 MA C0\r\ny', 'HD'],
    ['ms none 1 C99\r\ny', 'NF'],
    ['ms none 1 MR C99\r\ny', 'NF'],
    ['ms none 1 MA C99\r\ny', 'NS'],
    ['md k C99', 'EX'],
    ['ma k C99', 'EX'],
    ['mg k c', 'HD c{second}'],
    ['md k C{second}', 'HD'],
  ],
  'C of mg': [
    ['ms k 2 c\r\nhi', 'HD c{first}'],
    ['mg k C{first} v c', 'HD c{first}'],
    ['mg k C99 v c', 'VA 2 c{first}\r\nhi'],
    ['mg none C99 v c', 'EN'],
  ],
  D: [
    ['ma n N0 J10 v', 'VA 2\r\n10'],
    ['ma n D5 v', 'VA 2\r\n15'],
    ['ma n D18446744073709551615 v', 'VA 2\r\n14'],
    ['ma n MD D20 v', 'VA 1\r\n0'],
    ['ma n Dx', 'CLIENT_ERROR invalid or duplicate flag'],
    ['mg n Dx', 'CLIENT_ERROR invalid numeric delta value'],
  ],
  E: [
    ['ms k 1 c E18446744073709551615\r\n1', 'HD c18446744073709551615'],
    ['mg k c v', 'VA 1 c18446744073709551615\r\n1'],
    ['gets k', 'VALUE k 0 1 18446744073709551615\r\n1\r\nEND'],
    ['ms k 1 C1 E5\r\n1', 'EX'],
    ['ms k 1 C18446744073709551615 c E1234567\r\n1', 'HD c1234567'],
    ['ma k c E4321 v', 'VA 1 c4321\r\n2'],
    ['ms k 1 c MA E777\r\n0', 'HD c777'],
    ['touch k 100', 'TOUCHED'],
    ['mg k c t v', 'VA 2 c777 t100\r\n20'],
    ['mg k E9 c', 'HD c777'],
    ['ma k', 'HD'],
    ['mg k c', 'HD c{counted}'],
    ['md k I E888', 'HD'],
    ['mg k c', 'HD c888 X W'],
    ['mg v1 s v N30 t E9876 c', 'VA 0 s0 t30 c9876 W\r\n'],
    ['ma v2 v N0 c E4321 J5', 'VA 1 c4321\r\n5'],
    ['ms a 1 c MA N0 E55\r\nx', 'HD c55'],
  ],
  F: [
    ['ms k 1 F7\r\nx', 'HD'],
    ['mg k f', 'HD f7'],
    ['ms k 1 Fx\r\nx', 'CLIENT_ERROR bad command line format'],
  ],
  I: [
    ['ms k 1 T100\r\nx', 'HD'],
    ['mg k c', 'HD c{first}'],
    ['md k I T30', 'HD'],
    ['mg k t c', 'HD t30 c{second} X W'],
    ['mg k', 'HD Z X'],
    ['ms k 1 C1 T500\r\nx', 'EX'],
    ['ms k 1 I C1 T500\r\ny', 'HD'],
    ['mg k v t', 'VA 1 t30 Z X\r\ny'],
    ['ms k 1\r\nz', 'HD'],
    ['mg k v', 'VA 1\r\nz'],
    ['md k I', 'HD'],
    ['md k I', 'HD'],
    ['mg k', 'HD X W'],
    ['md none I', 'NF'],
  ],
  J: [
    ['ma n N0 J13', 'HD'],
    ['mg n v', 'VA 2\r\n13'],
    ['mg n Jx', 'CLIENT_ERROR invalid numeric initial value'],
  ],
  'M of ms': [
    ['ms k 1 MR\r\nx', 'NS'],
    ['ms k 1 MA\r\nx', 'NS'],
    ['ms k 1 MP\r\nx', 'NS'],
    ['ms k 1 ME\r\nx', 'HD'],
    ['ms k 1 ME\r\ny', 'NS'],
    ['ms k 1 ME C99\r\ny', 'NS'],
    ['ms k 1 MR\r\nb', 'HD'],
    ['ms k 1 MA\r\nc', 'HD'],
    ['ms k 1 MP\r\na', 'HD'],
    ['mg k v', 'VA 3\r\nabc'],
    ['ms k 1 MS\r\nz', 'HD'],
    ['ms k 1 MZ\r\nz', 'CLIENT_ERROR invalid mode for ms M token'],
    ['ms k 1 Ms\r\nz', 'CLIENT_ERROR invalid mode for ms M token'],
    ['ms k 1 MEE\r\nz', 'CLIENT_ERROR incorrect length for M token'],
    ['mg k v', 'VA 1\r\nz'],
  ],
  M: [
    ['ma n N0 J10', 'HD'],
    ['ma n MI v', 'VA 2\r\n11'],
    ['ma n M+ v', 'VA 2\r\n12'],
    ['ma n MD v', 'VA 2\r\n11'],
    ['ma n M- v', 'VA 2\r\n10'],
    ['ma n MX', 'CLIENT_ERROR invalid mode for ma M token'],
    ['ma n Mi', 'CLIENT_ERROR invalid mode for ma M token'],
  ],
  N: [
    ['mg k s v N30 t', 'VA 0 s0 t30 W\r\n'],
    ['mg k s v N90 t', 'VA 0 s0 t30 Z\r\n'],
    ['ma n N90 t', 'HD t90'],
    ['ma n N10 t', 'HD t90'],
    ['ms a 1 MA N50 s\r\nx', 'HD s1'],
    ['ms a 1 MA N10 s\r\ny', 'HD s2'],
    ['mg a v t', 'VA 2 t50\r\nxy'],
    ['mg k Nx', 'CLIENT_ERROR bad token in command line format'],
  ],
  O: [
    ['ms k 1 Oab k\r\nx', 'HD Oab kk'],
    ['mg k Oab', 'HD Oab'],
    ['mg none Oab k', 'EN Oab knone'],
    ['ma none Oab', 'NF Oab'],
    ['md k k Oab', 'HD kk Oab'],
    [`mg k O${'x'.repeat(31)}`, `EN O${'x'.repeat(31)}`],
    [`mg k O${'x'.repeat(32)}`, 'CLIENT_ERROR opaque token too long'],
    [`ms k 1 O${'x'.repeat(32)}\r\nx`, 'CLIENT_ERROR opaque token too long'],
    [`md k O${'x'.repeat(32)}`, 'CLIENT_ERROR opaque token too long'],
  ],
  R: [
    ['ms k 1 T100\r\nx', 'HD'],
    ['mg k R30', 'HD'],
    ['mg k R200', 'HD W'],
    ['mg k R200', 'HD Z'],
    ['ms k 1\r\nx', 'HD'],
    ['mg k R200', 'HD'],
    ['mg k T10 R200', 'HD W'],
    ['mg k Rx', 'CLIENT_ERROR bad token in command line format'],
  ],
  T: [
    ['ms k 1 T100\r\nx', 'HD'],
    ['mg k t T50', 'HD t100'],
    ['mg k T70 t', 'HD t70'],
    ['mg k T0 t', 'HD t-1'],
    ['mg k T-1', 'HD'],
    ['mg k', 'EN'],
    ['mg none T30', 'EN'],
    ['ma n N0', 'HD'],
    ['ma n T60 t', 'HD t60'],
    ['ms k 1 Tx\r\nx', 'CLIENT_ERROR bad token in command line format'],
    ['ms k 1 T\r\nx', 'CLIENT_ERROR bad token in command line format'],
  ],
  L: [['mg k Lanything', 'EN']],
  P: [['mg k Panything', 'EN']],
}

describe('The meta flag', () => {
  const transcript = useTextTranscripts()

  for (const [flag, lines] of Object.entries(TRANSCRIPTS)) transcript(flag, lines)

  it('has a row and a transcript, for each flag', () => {
    const letters = new Set(Object.keys(TRANSCRIPTS).map((title) => title[0]))
    expect(FLAGS.map(({ letter }) => letter)).to.have.members([...letters])
  })
})

describe('A meta line', () => {
  const transcript = useTextTranscripts()

  transcript('returns flags in the order of the request', [
    ['ms a 1 k Oz c s F7 T10\r\nx', 'HD ka Oz c{first} s1'],
    ['mg a f t k O9 c s v h l', 'VA 1 f7 t10 ka O9 c{first} s1 h0 l0\r\nx'],
    ['mg a l h s O9 k t f', 'HD l0 h1 s1 O9 ka t10 f7'],
  ])

  transcript('returns for a miss only what the request has', [
    ['mg k s v t f c h l k O1', 'EN kk O1'],
    ['md k k O1 q', 'NF kk O1'],
    ['ma k v c t k O1', 'NF kk O1'],
    ['me k', 'EN'],
  ])

  transcript('with nothing to return ends after its two letters', [
    ['ms k 2 T0\r\nhi', 'HD'],
    ['mg k', 'HD'],
    ['md k', 'HD'],
    ['mn', 'MN'],
    ['mn with words', 'MN'],
  ])

  transcript('is refused for a flag that is unknown, given twice or not a letter', [
    ['mg k m', 'CLIENT_ERROR invalid flag'],
    ['mg k v v', 'CLIENT_ERROR duplicate flag'],
    [`mg k${' m'.repeat(40)}`, 'CLIENT_ERROR invalid flag'],
    ['mg k \x80', 'CLIENT_ERROR duplicate flag'],
    ['md k v v', 'CLIENT_ERROR invalid or duplicate flag'],
    ['ma k m', 'CLIENT_ERROR invalid or duplicate flag'],
    ['ms k 1 m\r\nx', 'CLIENT_ERROR invalid flag'],
    ['mg k Cx', 'CLIENT_ERROR bad token in command line format'],
    ['mg k', 'EN'],
  ])

  transcript('is refused without a key, or with one too long', [
    ['mg', 'ERROR'],
    ['md', 'ERROR'],
    ['ma', 'ERROR'],
    ['ms', 'ERROR'],
    ['mx k', 'ERROR'],
    ['me', 'CLIENT_ERROR bad command line format'],
    [`mg ${'k'.repeat(251)}`, 'CLIENT_ERROR bad command line format'],
    [`ms ${'k'.repeat(251)} 1\r\nx`, 'CLIENT_ERROR bad command line format'],
    [`mg ${'k'.repeat(250)}`, 'EN'],
  ])

  transcript('with a value needs its length, and a line end after the value', [
    ['ms k', 'CLIENT_ERROR bad command line format'],
    ['ms k abc', 'CLIENT_ERROR bad command line format'],
    ['ms k -1', 'CLIENT_ERROR bad command line format'],
    ['ms k 1 k\r\nxyz', 'CLIENT_ERROR bad data chunk', 'ERROR'],
    ['mg k', 'EN'],
  ])

  transcript('keeps its flags while a long value arrives', [
    [`ms k 50000 k O12 c s\r\n${'x'.repeat(50_000)}`, 'HD kk O12 c{first} s50000'],
    ['mg k c s', 'HD c{first} s50000'],
    [`ms AAE= 50000 b k E99 c\r\n${'x'.repeat(50_000)}`, 'HD kAAE= b c99'],
    [`ms k 50000 T100 I C1 c\r\n${'y'.repeat(50_000)}`, 'HD c{second}'],
    ['mg k t s', 'HD t-1 s50000 X W'],
  ])

  transcript('that is too large deletes the old value, in every mode', [
    ['ms k 1\r\nx', 'HD'],
    [`ms k 1048576 ME\r\n${'x'.repeat(1048576)}`, 'SERVER_ERROR object too large for cache'],
    ['mg k', 'EN'],
  ])

  transcript('describes an item', [
    ['ms k 1 E2\r\nx', 'HD'],
    ['me k', 'ME k exp=-1 la=0 cas=2 fetch=no cls=1 size=61'],
    ['mg k', 'HD'],
    ['ms k2 1 E3 T100 F1\r\nx', 'HD'],
    ['me azI= b', 'ME azI= exp=100 la=0 cas=3 fetch=no cls=1 size=66'],
  ])

  transcript('closes with quit, after the replies before it', [
    ['mg k', 'EN'],
    ['quit', END],
  ])
})
