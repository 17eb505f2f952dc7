import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { PrefixStatistics } from '../../lib/commands/context/prefix-statistics.js'
import { Request } from '../../lib/request/request.js'

const PREFIX_COUNT_MAX = 10_000
const KEY_LENGTH = 250
const GUARD_LENGTH = 4096
const GUARD = 0xa5
/** Some functions of Node count bytes in 31 bits. */
const FAR = 2 ** 31

/** Counts a get of each of this many prefixes, which are as long as a key allows. */
function getEach(statistics: PrefixStatistics, arena: Arena, start: number, count: number): void {
  const request = new Request()
  request.keyStart = start
  request.keyEnd = start + KEY_LENGTH
  for (let index = 0; index < count; index++) {
    arena.bytes.write(`${`${index}`.padEnd(KEY_LENGTH - 2, 'p')}:k`, start, 'latin1')
    statistics.countGet(request, true)
  }
}

const prefixCount = (statistics: PrefixStatistics) => statistics.dump().split('PREFIX ').length - 1

describe('The statistics of prefixes', () => {
  it('hold 10,000 prefixes of a worker, and do not write behind their rows', () => {
    const first = Arena.create(PrefixStatistics.regionLength(2) + 2 * GUARD_LENGTH, 2)
    const owner = new PrefixStatistics(first, ':', true)
    const second = Arena.attach(first.memory, { worker: 1, workerCount: 2 })
    const statistics = new PrefixStatistics(second, ':', true)
    const guard = second.reserve(GUARD_LENGTH)
    const key = second.reserve(GUARD_LENGTH)
    second.bytes.fill(GUARD, guard, guard + GUARD_LENGTH)

    getEach(statistics, second, key, PREFIX_COUNT_MAX)
    expect(prefixCount(owner)).to.equal(PREFIX_COUNT_MAX)
    getEach(statistics, second, key, PREFIX_COUNT_MAX + 100)
    expect(prefixCount(owner)).to.equal(PREFIX_COUNT_MAX)
    expect(statistics.dump()).to.include(' get 2 hit 2 set 0 del 0\r\n')
    expect(second.bytes.subarray(guard, guard + GUARD_LENGTH).every((byte) => byte === GUARD)).to.equal(true)
  })

  it('of one worker do not write into the rows of the next', () => {
    const first = Arena.create(PrefixStatistics.regionLength(2) + 2 * GUARD_LENGTH, 2)
    const full = new PrefixStatistics(first, ':', true)
    const second = Arena.attach(first.memory, { worker: 1, workerCount: 2 })
    const other = new PrefixStatistics(second, ':', true)
    first.reserve(GUARD_LENGTH)
    const key = first.reserve(GUARD_LENGTH)
    getEach(other, second, key, 1)
    getEach(full, first, key, PREFIX_COUNT_MAX + 100)
    getEach(other, second, key, 1)
    expect(other.dump()).to.match(/^PREFIX 0p+ get 3 hit 3 set 0 del 0\r\n/)
    expect(prefixCount(full)).to.equal(PREFIX_COUNT_MAX)
  })

  it('of more than 2 GiB of memory name their prefixes, wherever rows and keys are', () => {
    const arena = Arena.create(PrefixStatistics.regionLength(1) + GUARD_LENGTH + FAR)
    const statistics = new PrefixStatistics(arena, ':', true)
    arena.reserve(FAR)
    getEach(statistics, arena, arena.reserve(GUARD_LENGTH), 1)
    expect(statistics.dump()).to.match(/^PREFIX 0p+ get 1 hit 1 set 0 del 0\r\n/)
  })
})
