import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import type { SafetyWaiter } from '../../lib/journal/writing/waiters.js'
import { WINDOW_LENGTH } from '../../lib/request/limits.js'
import type { ConnectionJournal } from '../../lib/server/connection/output/group-commit.js'
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
    isHeld: false,
    settled: () => void sentCount++,
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
  it('are sent in groups of 64 connections at most, and a full group does not wait for the end of the turn', () => {
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
    answer(WINDOW_LENGTH + 8)
    expect([commits(), sentCount()]).to.deep.equal([2, 3])
  })

  it('are sent at the end of the turn when they are few', async () => {
    const { answer, commits, sentCount } = worker()
    answer(8)
    answer(8)
    await nextTurn()
    await nextTurn()
    expect([commits(), sentCount()]).to.deep.equal([1, 2])
  })
})

describe('Replies for which the journal is slow', () => {
  /** A journal in which the spec decides what is safe, and when waiters are notified. */
  class JournalByHand implements ConnectionJournal {
    changeCount = 0
    hasRoom = true
    isSynced = false
    readonly waiting: SafetyWaiter[] = []
    commit(): void {}
    waitForRoom(): void {}

    isSafe(): boolean {
      return this.isSynced
    }

    wait(_count: number, waiter: SafetyWaiter): void {
      this.waiting.push(waiter)
    }
  }

  function open() {
    const { worker, data } = createWorkerKit({ memoryLength: MEGABYTE })
    const journal = new JournalByHand()
    data.journal = journal
    const sent: string[] = []
    const memberFor = (name: string) => ({
      changeCount: 1,
      isHeld: false,
      delay: () => undefined,
      settled: () => void sent.push(name),
      leave: () => undefined,
    })
    /** Sends requests, and ends the turn. */
    const answer = async (name: string) => {
      worker.output.copy(worker.arena, worker.readStart, 8)
      worker.commits.add(memberFor(name), [])
      await endOfTurn()
    }
    return { worker, journal, sent, answer, memberFor }
  }

  const endOfTurn = async () => {
    await nextTurn()
    await nextTurn()
  }

  it('are not overtaken by later ones that are safe at once, and hold nothing up once they are sent', async () => {
    const { journal, sent, answer } = open()
    await answer('first')
    journal.isSynced = true
    await answer('second')
    expect([sent, journal.waiting.length]).to.deep.equal([[], 2])
    for (const waiter of journal.waiting.splice(0)) waiter.committed(true)
    expect(sent).to.deep.equal(['first', 'second'])
    await answer('third')
    expect([sent, journal.waiting.length]).to.deep.equal([['first', 'second', 'third'], 0])
  })

  it('are not waited for if there are none', async () => {
    const { worker, journal, memberFor } = open()
    worker.commits.begin()
    journal.changeCount = 7
    const member = memberFor('quiet')
    worker.commits.noteChanges(member)
    expect([member.changeCount, worker.commits.mustHold(member)]).to.deep.equal([7, true])
    await endOfTurn()
    expect(journal.waiting).to.have.length(0)
  })
})
