/** The lock of a data directory, with the steps of several processes in random orders. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { DirectoryLock } from '../../lib/journal/directory/directory-lock.js'
import { isLockName } from '../../lib/journal/directory/lock-names.js'
import { DIRECTORY } from '../support/kept-store.js'
import { MemoryDisk } from '../support/memory-disk.js'
import { MortalProcess } from '../support/mortal-process.js'
import { Random } from '../support/random.js'

const ROUND_COUNT = 150
const STARTER_COUNT_MAX = 6
const REFUSAL = /^\/data: .*; two cannot share a directory$/

/** A directory, and which processes have it. */
class Rounds {
  readonly random = new Random()
  readonly disk = new MemoryDisk()
  readonly owners: MortalProcess[] = []
  refusedCount = 0
  private nextPid = 1

  constructor() {
    this.disk.makeDirectory(DIRECTORY)
  }

  get livingOwners(): MortalProcess[] {
    return this.owners.filter(({ isDead }) => !isDead)
  }

  /** A process starts. Fulfilled once it has the directory, was refused, or has been killed. */
  async start(deathChance: number): Promise<DirectoryLock | undefined> {
    const { disk, random, owners } = this
    const starter = new MortalProcess(disk, random, this.nextPid++, deathChance)
    const { files, processes } = starter
    let lock: DirectoryLock | undefined
    let failure: Error | undefined
    const taken = DirectoryLock.take({ files, directory: DIRECTORY, processes }).then(
      (own) => {
        lock = own
        owners.push(starter)
        this.assertOneOwner()
      },
      (error: Error) => {
        failure = error
      },
    )
    let isOver = false
    void taken.finally(() => {
      isOver = true
    })
    while (!isOver && !starter.isDead) await nextTurn()
    if (isOver) await taken
    if (failure === undefined) return lock
    expect(failure.message, `seed ${random.seed}`).to.match(REFUSAL)
    this.refusedCount++
    return undefined
  }

  /** Several start at once. Returns the locks of those that were not refused. */
  async startSome(deathChance: number): Promise<DirectoryLock[]> {
    const count = 2 + this.random.below(STARTER_COUNT_MAX - 1)
    const locks = await Promise.all(Array.from({ length: count }, () => this.start(deathChance)))
    return locks.filter((lock) => lock !== undefined)
  }

  async killOwners(): Promise<void> {
    for (const owner of this.owners.splice(0)) await owner.kill()
  }

  assertOneOwner(): void {
    const pids = this.livingOwners.map(({ processes }) => processes.self.pid)
    expect(pids.length, `processes ${pids} have the directory, seed ${this.random.seed}`).to.be.at.most(1)
  }
}

describe('A data directory that several processes lock at once', function () {
  this.slow(10_000)
  this.timeout(120_000)

  it('is locked by exactly one, again and again after that one is killed', async () => {
    const rounds = new Rounds()
    for (let round = 0; round < ROUND_COUNT; round++) {
      const locks = await rounds.startSome(0)
      expect(locks.length, `seed ${rounds.random.seed}`).to.equal(1)
      await rounds.killOwners()
    }
    expect(rounds.refusedCount).to.be.above(ROUND_COUNT)
  })

  it('is locked by exactly one, again and again after that one leaves it', async () => {
    const rounds = new Rounds()
    for (let round = 0; round < ROUND_COUNT; round++) {
      const [lock, ...more] = await rounds.startSome(0)
      expect(more.length, `seed ${rounds.random.seed}`).to.equal(0)
      const next = rounds.start(0)
      rounds.owners.pop()
      await lock!.release()
      await (await next)?.release()
      rounds.owners.splice(0)
    }
    expect(rounds.disk.list(DIRECTORY).filter(isLockName)).to.deep.equal([])
  })

  it('is never locked by two when they are killed at any step, and can always be locked afterwards', async () => {
    const rounds = new Rounds()
    let ownedCount = 0
    for (let round = 0; round < ROUND_COUNT; round++) {
      ownedCount += (await rounds.startSome(0.03)).length
      rounds.assertOneOwner()
      await rounds.killOwners()
      await rounds.start(0)
      expect(rounds.livingOwners.length, `seed ${rounds.random.seed}`).to.equal(1)
      await rounds.killOwners()
    }
    expect(ownedCount).to.be.above(ROUND_COUNT / 10)
    expect(rounds.disk.list(DIRECTORY).filter(isLockName).length).to.be.at.most(3)
  })
})

describe('A data directory where sockets can be created, but not connected to', () => {
  it('is locked by the pid file alone, and nothing else is left there', async () => {
    const disk = new MemoryDisk()
    disk.makeDirectory(DIRECTORY)
    const { processes } = new MortalProcess(disk, new Random(), 1, 0)
    disk.socketStateAt = async () => 'missing'
    const lock = await DirectoryLock.take({ files: disk, directory: DIRECTORY, processes })
    expect(disk.list(DIRECTORY)).to.deep.equal(['lock'])
    await lock.release()
    expect(disk.list(DIRECTORY)).to.deep.equal([])
  })
})

describe('A data directory with the pid file of a running process', () => {
  it('is refused, and nothing of the refused one is left there: it is free when that process has ended', async () => {
    const disk = new MemoryDisk()
    disk.makeDirectory(DIRECTORY)
    disk.writeText(`${DIRECTORY}/lock`, '2 then\n')
    let heldCount = 0
    disk.hold = async (path) => {
      const identity = (await disk.identityOf(path))!
      heldCount++
      return { identity, release: () => void heldCount-- }
    }
    let isRunning = true
    const begunOf = (pid: number) => (pid === 2 && isRunning ? 'then' : undefined)
    const processes = { self: { pid: 1, begun: 'now' }, begunOf }
    const take = () => DirectoryLock.take({ files: disk, directory: DIRECTORY, processes })
    expect(await take().catch(({ message }: Error) => message)).to.match(REFUSAL)
    expect([disk.list(DIRECTORY), heldCount]).to.deep.equal([['lock'], 0])
    isRunning = false
    await (await take()).release()
    expect([disk.list(DIRECTORY), heldCount]).to.deep.equal([[], 0])
  })
})
