import { expect } from 'chai'
import { SPARE_NAME } from '../../lib/journal/format/file-header.js'
import { Spare } from '../../lib/journal/space/spare.js'
import { MemoryDisk } from '../support/memory-disk.js'

const DIRECTORY = '/data'
const LENGTH = 100_000

/** How a full disk answers every attempt; how many there were. */
async function attemptsOf(spare: Spare): Promise<number> {
  let count = 0
  const attempt = async () => {
    count++
    throw new Error('ENOSPC: no space left')
  }
  const outcome = await spare.backUp(attempt).catch((error: Error) => error.message)
  expect(outcome).equal('ENOSPC: no space left')
  return count
}

describe('The spare', () => {
  it('is given up for one more attempt on a full disk; without a spare there is one attempt', async () => {
    const disk = new MemoryDisk()
    const spare = new Spare(disk, DIRECTORY)
    expect(await attemptsOf(spare)).equal(1)
    await spare.grow(LENGTH)
    expect([spare.length, disk.contentOf(`${DIRECTORY}/${SPARE_NAME}`).length]).deep.equal([LENGTH, LENGTH])
    expect(await attemptsOf(spare)).equal(2)
    expect([spare.length, disk.list(DIRECTORY), disk.openCount]).deep.equal([0, [], 0])
    expect(await attemptsOf(spare)).equal(1)
  })
})
