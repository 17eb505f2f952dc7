import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { WINDOW_LENGTH } from '../../lib/request/limits.js'
import type { ConnectionJournal } from '../../lib/server/connection/group-commit.js'
import { createWorkerKit } from '../support/worker-kit.js'

const GROUP_SIZE_MAX = 64
const MEGABYTE = 1024 * 1024

/** A journal in which nothing is safe before it is written. */
function journal() {
  let commitCount = 0
  const self: ConnectionJournal = {
    changeCount: 1,
    hasRoom: true,
    commit: () => void commitCount++,
    isSafe: () => commitCount > 0,
    wait: () => undefined,
    waitForRoom: () => undefined,
  }
  return { self, commits: () => commitCount }
}

/** A worker with such a journal, and how many connections have been sent their replies. */
function worker() {
  const { worker, data } = createWorkerKit({ memoryLength: MEGABYTE })
  const { self, commits } = journal()
  data.journal = self
  let sentCount = 0
  const member = {
    changeCount: 1,
    delay: () => undefined,
    sendHeld: () => void sentCount++,
    unpin: () => undefined,
    leave: () => undefined,
  }
  /** A connection's replies wait for the group's commit. */
  const answer = (length: number) => {
    worker.output.copy(worker.arena, worker.readStart, length)
    worker.commits.add(member, [])
    worker.commits.settleIfFull()
  }
  return { answer, commits, sentCount: () => sentCount }
}

describe('Replies that wait for the journal', () => {
  it('go in groups of 64 connections at the most, and a full group does not wait for the end of the turn', () => {
    const { answer, commits, sentCount } = worker()
    for (let index = 0; index < GROUP_SIZE_MAX - 1; index++) answer(8)
    expect([commits(), sentCount()]).to.deep.equal([0, 0])
    answer(8)
    expect([commits(), sentCount()]).to.deep.equal([1, GROUP_SIZE_MAX])
    for (let index = 0; index < GROUP_SIZE_MAX - 1; index++) answer(8)
    expect([commits(), sentCount()]).to.deep.equal([1, GROUP_SIZE_MAX])
    answer(8)
    expect([commits(), sentCount()]).to.deep.equal([2, 2 * GROUP_SIZE_MAX])
  })

  it('do not wait for the end of the turn when they fill more than one window', () => {
    const { answer, commits, sentCount } = worker()
    answer(WINDOW_LENGTH - 8)
    expect([commits(), sentCount()]).to.deep.equal([0, 0])
    answer(16)
    expect([commits(), sentCount()]).to.deep.equal([1, 2])
  })

  it('go at the end of the turn when they are few', async () => {
    const { answer, commits, sentCount } = worker()
    answer(8)
    answer(8)
    await nextTurn()
    await nextTurn()
    expect([commits(), sentCount()]).to.deep.equal([1, 2])
  })
})
