import { expect } from 'chai'
import { metaCodec } from '../../../lib/protocol/meta/client/meta-codec.js'
import { readMetaFlags } from '../../../lib/protocol/meta/client/read-meta-flags.js'
import { textCodec } from '../../../lib/protocol/text/client/text-codec.js'
import { expectSameHoweverCut } from './client-transcripts.js'
import { decodeAll } from './show-reply.js'

/** Lines that are hard to get from a server, and what they mean to a client. */
const LINES: Readonly<Record<string, readonly string[]>> = {
  'CLIENT_ERROR unauthenticated': ['UNAUTHENTICATED text=CLIENT_ERROR unauthenticated'],
  'CLIENT_ERROR authentication failure': ['UNAUTHENTICATED text=CLIENT_ERROR authentication failure'],
  'CLIENT_ERROR flush_all not allowed': ['UNAUTHENTICATED text=CLIENT_ERROR flush_all not allowed'],
  'CLIENT_ERROR flush_prefix not allowed': ['UNAUTHENTICATED text=CLIENT_ERROR flush_prefix not allowed'],
  'CLIENT_ERROR bad data chunk': ['BAD_DATA text=CLIENT_ERROR bad data chunk'],
  CLIENT_ERROR: ['INVALID_ARGUMENTS text=CLIENT_ERROR'],
  'SERVER_ERROR out of memory': ['OUT_OF_MEMORY text=SERVER_ERROR out of memory'],
  'SERVER_ERROR out of memory storing object': [
    'OUT_OF_MEMORY text=SERVER_ERROR out of memory storing object',
  ],
  'SERVER_ERROR object too large for cache': ['TOO_LARGE text=SERVER_ERROR object too large for cache'],
  'SERVER_ERROR temporary failure': ['TEMPORARY_FAILURE text=SERVER_ERROR temporary failure'],
  'SERVER_ERROR backend timed out': ['INTERNAL_ERROR text=SERVER_ERROR backend timed out'],
  'SERVER_ERROR: shutdown not enabled': ['UNAUTHENTICATED text=SERVER_ERROR: shutdown not enabled'],
  'ERROR Too many open connections': ['TEMPORARY_FAILURE text=ERROR Too many open connections'],
  'ERROR cannot pipeline': ['UNKNOWN_COMMAND text=ERROR cannot pipeline'],
  'STAT version 9': ['STATISTIC key=version value=9'],
  'STAT empty ': ['STATISTIC key=empty value='],
  'STAT empty': ['STATISTIC key=empty value='],
  'STAT command a b  c': ['STATISTIC key=command value=a b  c'],
  'STAT END\r\nEND': ['STATISTIC key=END value=', 'END'],
  'ITEM foo [6 b; 0 s]': ['LINE text=ITEM foo [6 b; 0 s]'],
  'key=größe exp=-1 la=5': ['LINE text=key=größe exp=-1 la=5'],
  'VALUE k 1 0\r\n': ['ITEM key=k value= f1'],
  'VALUE k 0 7 18446744073709551615\r\n\r\nEND\r\n': ['ITEM key=k value=0x0d0a454e440d0a cas'],
  'VALUE k 18446744073709551615 1\r\nv': ['ITEM key=k value=v f18446744073709552000'],
  'VALUE größe 999999999 2\r\nhi': ['ITEM key=0x6772c3b6c39f65 value=hi f999999999'],
  'VALUE k 0000000001 000000002\r\nhi': ['ITEM key=k value=hi f1'],
  'VALUE k 1 2\nhi': ['ITEM key=k value=hi f1'],
  // ElastiCache, to `config get cluster`.
  'CONFIG cluster 0 27\r\n12\nnode.example|10.0.0.1|1\n\r\nEND': [
    'ITEM key=cluster value=0x31320a6e6f64652e6578616d706c657c31302e302e302e317c310a',
    'END',
  ],
  '18446744073709551615': ['OK value=18446744073709551615 text=18446744073709551615'],
  '184467440737095516150': ['LINE text=184467440737095516150'],
  '1 2': ['LINE text=1 2'],
  'STORED twice': ['LINE text=STORED twice'],
  'HD ': ['OK HD'],
  'HD O00000000': ['OK HD text=O00000000'],
  'HD Oabc': ['OK HD text=Oabc'],
  'HD O4294967297': ['OK HD text=O4294967297'],
  'EN O5 kk': ['NOT_FOUND EN key=k #5 text=O5 kk'],
  'VA 2 W X Z t-1 ?new\r\nhi': ['OK VA value=hi text=W X Z t-1 ?new'],
  'ME k exp=-1 la=0 cas=2': ['OK ME key=k text=exp=-1 la=0 cas=2'],
  'ME k': ['OK ME key=k'],
  HDX: ['LINE text=HDX'],
}

describe('A line of a server', () => {
  for (const [line, expected] of Object.entries(LINES))
    it(`is read: ${JSON.stringify(line)}`, () => {
      expectSameHoweverCut(textCodec, Buffer.from(`${line}\r\n`), expected)
      expectSameHoweverCut(metaCodec, Buffer.from(`OK\r\n${line}\r\nEND\r\n`), [
        'OK text=OK',
        ...expected,
        'END',
      ])
    })

  it('may end in a line feed alone, as those of lru_crawler metadump', () => {
    expectSameHoweverCut(textCodec, Buffer.from('key=a cls=1\nkey=b cls=1\nEND\r\n'), [
      'LINE text=key=a cls=1',
      'LINE text=key=b cls=1',
      'END',
    ])
  })
})

describe('The flags of a meta reply', () => {
  const flagsOf = (line: string) => {
    const found: unknown[] = []
    decodeAll(metaCodec(), [Buffer.from(line)], (reply) => {
      found.push(readMetaFlags(reply))
      return ''
    })
    return found[0]
  }

  it('are all readable, also those that are not known here', () => {
    expect(flagsOf('VA 2 f0 t-1 ksky Oab W ?new\r\nhi\r\n')).deep.equal({
      f: '0',
      t: '-1',
      k: 'sky',
      O: 'ab',
      W: '',
      '?': 'new',
    })
  })

  it('are none in a reply without any, or of the text protocol', () => {
    expect(flagsOf('HD\r\n')).deep.equal({})
    expect(flagsOf('CLIENT_ERROR bad command line format\r\n')).deep.equal({})
  })
})
