import { expect } from 'chai'
import type { RoomWaiter, SafetyWaiter } from '../../lib/journal/writing/waiters.js'
import { Status } from '../../lib/request/status.js'
import type { ConnectionJournal } from '../../lib/server/connection/output/group-commit.js'
import { type LocalRequest, LocalRequests } from '../../lib/server/workers/local-requests.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const key = Buffer.from('key')

/** A journal whose room and safety the spec decides. */
class SlowJournal implements ConnectionJournal {
  hasRoom = true
  isSynced = false
  commitCount = 0
  readonly forRoom: RoomWaiter[] = []
  readonly forSafety: SafetyWaiter[] = []
  private readonly kit: WorkerKit

  constructor(kit: WorkerKit) {
    this.kit = kit
  }

  get changeCount(): number {
    return this.kit.store.latestVersion
  }
  commit = (): void => void this.commitCount++
  isSafe = (): boolean => this.isSynced
  wait = (_count: number, waiter: SafetyWaiter): void => void this.forSafety.push(waiter)
  waitForRoom = (waiter: RoomWaiter): void => void this.forRoom.push(waiter)
}

describe('Requests of the process itself', () => {
  let kit: WorkerKit
  let local: LocalRequests
  let journal: SlowJournal
  const set: LocalRequest = { kind: 'set', key, value: Buffer.from('value') }

  beforeEach(() => {
    kit = createWorkerKit({ memoryLength: 2 ** 23, windowCount: 4 })
    local = new LocalRequests(kit.worker)
    journal = new SlowJournal(kit)
  })

  /** Whether a promise is settled after the callbacks that wait now. */
  async function isSettled(promise: Promise<unknown>): Promise<boolean> {
    let settled = false
    void promise.then(() => {
      settled = true
    })
    await new Promise((resolve) => setImmediate(resolve))
    return settled
  }

  it('are answered once the journal has the change', async () => {
    kit.data.journal = journal
    const reply = local.execute(set)
    expect([await isSettled(reply), journal.commitCount]).to.deep.equal([false, 1])
    journal.forSafety[0]!.committed(true)
    expect((await reply).status).to.equal(Status.OK)
  })

  it('are told when the journal will never have the change', async () => {
    kit.data.journal = journal
    const reply = local.execute(set)
    await isSettled(reply)
    journal.forSafety[0]!.committed(false)
    expect((await reply).status).to.equal(Status.TEMPORARY_FAILURE)
  })

  it('change nothing while the journal has no room, and read all the same', async () => {
    kit.data.journal = journal
    journal.hasRoom = false
    const reply = local.execute(set)
    expect((await local.execute({ kind: 'get', key })).status).to.equal(Status.NOT_FOUND)
    expect([await isSettled(reply), kit.store.itemCount, journal.forRoom.length]).to.deep.equal([false, 0, 1])
    journal.hasRoom = true
    journal.isSynced = true
    journal.forRoom[0]!.roomMade()
    expect([(await reply).status, kit.store.itemCount]).to.deep.equal([Status.OK, 1])
  })

  it('are refused while changes are, and wait for nothing', async () => {
    kit.data.journal = journal
    kit.context.gate = { isTaking: false, isTakingRemovals: false, isTakingFlushes: false }
    expect((await local.execute(set)).status).to.equal(Status.TEMPORARY_FAILURE)
  })

  it('return all windows, and hold no key', async () => {
    const before = kit.worker.pool.takenCount
    for (const length of [5, 40_000, 1_000_000, 2 ** 24]) {
      await local.execute({ ...set, value: Buffer.alloc(length) })
      await local.execute({ kind: 'get', key, valueLengthMax: 2 ** 24 })
    }
    await local.execute({ kind: 'delete', key })
    expect(kit.worker.pool.takenCount).to.equal(before)
    kit.store.lock(0, 1)
    kit.store.release()
  })

  it('are refused when there is no window left', async () => {
    while (kit.worker.pool.take() !== undefined);
    expect((await local.execute(set)).status).to.equal(Status.OUT_OF_MEMORY)
  })

  it('leave nothing of a value that there is no room for', async () => {
    kit = createWorkerKit({ memoryLength: 2 ** 20, mayEvict: false })
    local = new LocalRequests(kit.worker)
    const statuses = []
    for (let index = 0; index < 8; index++) {
      const request = { ...set, key: Buffer.from(`key${index}`), value: Buffer.alloc(300_000) }
      statuses.push((await local.execute(request)).status)
    }
    expect(statuses).to.include.members([Status.OK, Status.OUT_OF_MEMORY])
    expect(kit.store.itemCount).to.equal(statuses.filter((status) => status === Status.OK).length)
    expect(kit.store.segments.pool.arrivingCount).to.equal(0)
  })
})
