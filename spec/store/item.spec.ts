import { expect } from 'chai'
import { ItemDraft } from '../../lib/store/item/draft.js'
import {
  accessOf,
  casHigh,
  casLow,
  clientFlagsOf,
  expiryOf,
  Flag,
  flagsOf,
  headerLength,
  keyLengthOf,
  keyStartOf,
  PIECE_WORDS,
  partLengthOf,
  setAccess,
  setFlag,
  setOwnCas,
  setPartLength,
  setVersion,
  sizeFor,
  sizeOf,
  VERSION_MAX,
  valueLengthOf,
  versionHigh,
  versionLow,
  versionOf,
  writeHeader,
  writePiece,
} from '../../lib/store/item/item.js'

describe('the layout of an item', () => {
  const words = new Int32Array(64)

  it('takes 12 bytes of header, and 4 for an expiry, 4 for client flags, 12 for a long value, 8 for a cas of its own', () => {
    expect(headerLength(0)).equal(12)
    expect(headerLength(Flag.EXPIRY)).equal(16)
    expect(headerLength(Flag.CLIENT_FLAGS)).equal(16)
    expect(headerLength(Flag.EXPIRY | Flag.CLIENT_FLAGS)).equal(20)
    expect(headerLength(Flag.LONG)).equal(24)
    expect(headerLength(Flag.EXPIRY | Flag.CLIENT_FLAGS | Flag.LONG)).equal(32)
    expect(headerLength(Flag.OWN_CAS)).equal(20)
    expect(headerLength(Flag.OWN_CAS | Flag.EXPIRY | Flag.CLIENT_FLAGS | Flag.LONG)).equal(40)
    expect(headerLength(Flag.DEAD | Flag.FETCHED | Flag.STALE | Flag.TOKEN_SENT)).equal(12)
    expect(PIECE_WORDS * 4).equal(16)
  })

  it('is rounded up to 4 bytes', () => {
    expect(sizeFor(0, 16, 32)).equal(60)
    expect(sizeFor(0, 1, 0)).equal(16)
    expect(sizeFor(Flag.EXPIRY, 250, 65535)).equal(16 + 65788)
  })

  it('keeps every field separate from every other', () => {
    for (const flags of [0, 1, 2, 3, 4, 5, 6, 7].flatMap((layout) => [layout, layout | Flag.OWN_CAS])) {
      words.fill(-1)
      const draft = Object.assign(new ItemDraft(), {
        keyLength: 250,
        valueLength: flags & Flag.LONG ? 1_000_000 : 65_535,
        clientFlags: 0x89abcdef | 0,
        expiry: 4_000_000_000,
      })
      writeHeader(words, 8, flags, draft)
      if (flags & Flag.LONG) setPartLength(words, 8, 999)
      setVersion(words, 8, VERSION_MAX - 2)
      setAccess(words, 8, 0x3abc)
      setFlag(words, 8, Flag.FETCHED)
      if (flags & Flag.OWN_CAS) setOwnCas(words, 8, 0x0fedcba9, -2)
      expect(casHigh(words, 8)).equal(flags & Flag.OWN_CAS ? 0x0fedcba9 : versionHigh(words, 8))
      expect(casLow(words, 8)).equal(flags & Flag.OWN_CAS ? -2 : versionLow(words, 8))
      expect(keyLengthOf(words, 8)).equal(250)
      expect(valueLengthOf(words, 8)).equal(flags & Flag.LONG ? 1_000_000 : 65_535)
      expect(flagsOf(words, 8)).equal(flags | Flag.FETCHED)
      expect(expiryOf(words, 8)).equal(flags & Flag.EXPIRY ? 4_000_000_000 : 0)
      expect(clientFlagsOf(words, 8)).equal(flags & Flag.CLIENT_FLAGS ? 0x89abcdef | 0 : 0)
      expect(versionOf(words, 8)).equal(VERSION_MAX - 2)
      expect(versionHigh(words, 8) * 2 ** 32 + (versionLow(words, 8) >>> 0)).equal(VERSION_MAX - 2)
      expect(accessOf(words, 8)).equal(0x3abc)
      expect(keyStartOf(words, 8)).equal(32 + headerLength(flags))
      expect(sizeOf(words, 8)).equal(sizeFor(flags, 250, flags & Flag.LONG ? 999 : 65_535))
    }
  })

  it('of a piece holds its length', () => {
    writePiece(words, 20, 8, 1001)
    expect(partLengthOf(words, 20)).equal(1001)
    expect(sizeOf(words, 20)).equal(16 + 1004)
  })

  it('leaves room for versions below 2^50', () => {
    expect(VERSION_MAX).equal(2 ** 50)
  })
})
