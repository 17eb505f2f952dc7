import { expect } from 'chai'
import { JournalRecord } from '../../lib/journal/format/record.js'
import { AGE_GROUP_COUNT, ageGroup, type Summary } from '../../lib/journal/format/summary.js'
import { AgeLimit } from '../../lib/journal/recovery/age-limit.js'
import { Flag, sizeFor } from '../../lib/store/item/item.js'

const TIME = 2_000_000_000
const INDEX_LENGTH = 10

/** What a snapshot has of each group of ages. */
function summaryOf(lengths: Readonly<Record<number, number>>): Summary {
  const lengthByAge = new Float64Array(AGE_GROUP_COUNT)
  for (const [group, length] of Object.entries(lengths)) lengthByAge[Number(group)] = length
  const numbers = {
    version: 1,
    flushBoundary: 0,
    flushDueTime: 0,
    itemCount: 1,
    checksum: 0,
    oldestAccess: 0,
  }
  return { ...numbers, time: TIME, lengthByAge }
}

function recordOf(age: number, values: Partial<JournalRecord> = {}): JournalRecord {
  return Object.assign(new JournalRecord(), {
    accessTime: TIME - age,
    keyLength: 10,
    valueLength: 70,
    ...values,
  })
}

describe('The age up to which items of a snapshot come back', () => {
  it('has no limit if the memory has room for all', () => {
    const summary = summaryOf({ 0: 600, [AGE_GROUP_COUNT - 1]: 400 })
    expect(AgeLimit.for(summary, 1000, 500)).to.equal(undefined)
    expect(AgeLimit.for(summary, 999, 500)).not.to.equal(undefined)
  })

  it('is where nine tenths of the usable memory are full: newer items come back, older ones do not', () => {
    const lengths = Object.fromEntries([0, 1, 2, 3].map((age) => [ageGroup(age, 0), 1000]))
    const limit = AgeLimit.for(summaryOf(lengths), 3999, 2000 / 0.92)!
    expect([0, 1, 2, 3].map((age) => limit.admits(recordOf(age)))).to.deep.equal([true, true, false, false])
    const shorter = AgeLimit.for(summaryOf(lengths), 3999, 1999 / 0.92)!
    expect([0, 1, 2, 3].map((age) => shorter.admits(recordOf(age)))).to.deep.equal([true, true, false, false])
    const none = AgeLimit.for(summaryOf({ [AGE_GROUP_COUNT - 1]: 4000 }), 3999, 100_000)!
    expect(none.admits(recordOf(2 ** 31))).to.equal(true)
  })

  it('treats an item that was read more often as newer', () => {
    const limit = AgeLimit.for(summaryOf({ 0: 1000, 1: 1000 }), 1999, 0)!
    expect(limit.admits(recordOf(3, { frequency: 1, valueLength: 1 }))).to.equal(false)
    const roomy = AgeLimit.for(
      summaryOf({ [ageGroup(1, 0)]: 1000, [ageGroup(3, 0)]: 1000 }),
      1999,
      1000 / 0.92,
    )!
    expect(roomy.admits(recordOf(3, { frequency: 1 }))).to.equal(true)
    expect(roomy.admits(recordOf(3))).to.equal(false)
  })

  for (const [what, values, flags] of [
    ['with neither expiry nor flags', {}, 0],
    ['with an expiry', { time: TIME + 5 }, Flag.EXPIRY],
    ['with flags', { clientFlags: 7 }, Flag.CLIENT_FLAGS],
  ] as const)
    it(`admits as many items of the oldest group as fit, their index entries included: items ${what}`, () => {
      const itemLength = sizeFor(flags, 10, 70) + INDEX_LENGTH
      const limit = AgeLimit.for(summaryOf({ 0: 5000 }), 4999, (2 * itemLength) / 0.92 + 0.001)!
      const admitted = [1, 2, 3].map(() => limit.admits(recordOf(0, values)))
      expect(admitted).to.deep.equal([true, true, false])
      const scarce = AgeLimit.for(summaryOf({ 0: 5000 }), 4999, (2 * itemLength - 1) / 0.92)!
      expect([1, 2].map(() => scarce.admits(recordOf(0, values)))).to.deep.equal([true, false])
    })
})

describe('The group of an age', () => {
  it('is pinned', () => {
    const ages = [-5, 0, 3, 4, 5, 7, 8, 9, 10, 15, 16, 100, 2 ** 31, 2 ** 32 - 1]
    expect(ages.map((age) => ageGroup(age, 0))).to.deep.equal([
      0, 0, 3, 4, 5, 7, 8, 8, 9, 11, 12, 22, 120, 123,
    ])
    expect([0, 1, 2, 3].map((frequency) => ageGroup(64, frequency))).to.deep.equal([20, 16, 12, 8])
  })
})
