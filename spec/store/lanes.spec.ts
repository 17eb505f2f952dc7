import { expect } from 'chai'
import { GROUP_COUNT_MAX, laneFor, laneInQueue, Queue, queueOf } from '../../lib/store/segments/lanes.js'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Which group a time to live belongs to. */
const groupFor = (seconds: number, groupCount = 10): number => laneFor(seconds, Queue.SMALL, groupCount) / 2

describe('The lane of an item', () => {
  it('follows from its time to live: each group holds times up to four times as long as the one before', () => {
    const times = [
      0,
      1,
      MINUTE,
      4 * MINUTE,
      17 * MINUTE,
      HOUR,
      4 * HOUR,
      18 * HOUR,
      3 * DAY,
      12 * DAY,
      30 * DAY,
    ]
    expect(times.map((seconds) => groupFor(seconds))).deep.equal([0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  it('changes at powers of four', () => {
    for (let group = 1; group < 9; group++) {
      const end = 64 * 4 ** (group - 1)
      expect(
        [end - 1, end].map((seconds) => groupFor(seconds)),
        `${end}`,
      ).deep.equal([group, group + 1])
    }
    expect(groupFor(2 ** 31)).equal(9)
    expect(GROUP_COUNT_MAX).equal(10)
  })

  it('is the last one for all longer times, if there are fewer groups', () => {
    expect([0, 1, 64, 256, DAY].map((seconds) => groupFor(seconds, 3))).deep.equal([0, 1, 2, 2, 2])
    expect([0, 1, DAY].map((seconds) => groupFor(seconds, 1))).deep.equal([0, 0, 0])
  })

  it('is in one of two queues', () => {
    expect([Queue.SMALL, Queue.MAIN].map((queue) => laneFor(1, queue, 10))).deep.equal([2, 3])
    for (const seconds of [0, 1, DAY]) {
      const [small, main] = [Queue.SMALL, Queue.MAIN].map((queue) => laneFor(seconds, queue, GROUP_COUNT_MAX))
      expect([queueOf(small!), queueOf(main!)]).deep.equal([Queue.SMALL, Queue.MAIN])
      expect([laneInQueue(small!, Queue.MAIN), laneInQueue(main!, Queue.SMALL)]).deep.equal([main, small])
    }
  })
})
