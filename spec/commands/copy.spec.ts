import { expect } from 'chai'
import { Command } from '../../lib/request/command.js'
import { Status } from '../../lib/request/status.js'
import { Trait } from '../../lib/request/trait.js'
import { EngineDriver } from '../support/engine-driver.js'

const MEMORY_LENGTH = 4 * 1024 * 1024

/** Runs a function the next time a worker makes room for an item: then it holds no key. */
function whenRoomIsMade({ store }: EngineDriver, happen: () => void): void {
  const { makeRoom, stage } = store
  const begin =
    <ParsedArguments extends unknown[], Made>(make: (...given: ParsedArguments) => Made) =>
    (...given: ParsedArguments): Made => {
      Object.assign(store, { makeRoom, stage })
      happen()
      return make.apply(store, given)
    }
  Object.assign(store, { makeRoom: begin(makeRoom), stage: begin(stage) })
}

const CHANGES: readonly (readonly [
  what: string,
  before: Buffer,
  change: (worker: EngineDriver) => Status,
])[] = [
  ['an append', Buffer.from('1'), (worker) => worker.append('key', Buffer.from('2'))],
  ['an append to a long value', Buffer.alloc(30_000), (worker) => worker.append('key', Buffer.from('2'))],
  ['an increment that needs another digit', Buffer.from('9'), (worker) => worker.increment('key', 1).status],
]

for (const [what, before, change] of CHANGES)
  describe(`A copy that ${what} makes`, () => {
    it('has the expiry that another worker gives the item meanwhile', () => {
      const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
      one.set('key', before)
      whenRoomIsMade(one, () => expect(other.touch('key', 10)).to.equal(Status.OK))
      expect(change(one)).to.equal(Status.OK)
      expect(one.get('key')?.value.length).to.equal(before.length + 1)
      one.advance(10)
      expect(one.get('key')).to.equal(undefined)
    })

    it('never expires when another worker removes the expiry meanwhile', () => {
      const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
      one.set('key', before, 0, 10)
      whenRoomIsMade(one, () => expect(other.touch('key', 0)).to.equal(Status.OK))
      expect(change(one)).to.equal(Status.OK)
      one.advance(10)
      expect(one.get('key')?.value.length).to.equal(before.length + 1)
    })
  })

/** Executes a request with the flags that only the meta protocol has. */
function ask(
  worker: EngineDriver,
  command: Command,
  traits: number,
  cas = 0,
  expiry = 0,
  value?: Buffer,
): Status {
  const { request, reply, engine } = worker
  worker['prepare'](command, 'key', value)
  request.traits = Trait.META | traits | (cas === 0 ? 0 : Trait.NAMES_CAS)
  request.casHigh = Math.floor(cas / 0x1_0000_0000)
  request.casLow = cas | 0
  request.expiry = expiry
  engine.execute(request, reply)
  engine.release()
  return reply.status
}

describe('A delete that leaves an empty or a stale copy', () => {
  const ways: readonly (readonly [way: string, traits: number])[] = [
    ['empty', Trait.EMPTY],
    ['stale, with another expiry', Trait.INVALIDATE | Trait.TOUCH],
  ]
  for (const [way, traits] of ways)
    it(`does not delete a value that another worker stores meanwhile, if it names a cas: ${way}`, () => {
      const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
      one.set('key', Buffer.from('old'))
      const { cas } = one.get('key')!
      whenRoomIsMade(one, () => other.set('key', Buffer.from('new')))
      expect(ask(one, Command.DELETE, traits, cas, 100)).to.equal(Status.EXISTS)
      expect(`${other.get('key')?.value}`).to.equal('new')
    })
})

describe('A meta get that gives a stale item an expiry', () => {
  it('does not win the item when another worker has just won it', () => {
    const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
    one.set('key', Buffer.from('value'))
    expect(ask(one, Command.DELETE, Trait.INVALIDATE)).to.equal(Status.OK)
    whenRoomIsMade(one, () => {
      expect(ask(other, Command.META_GET, 0)).to.equal(Status.OK)
      expect(other.reply.item.isWon).to.equal(true)
    })
    expect(ask(one, Command.META_GET, Trait.TOUCH, 0, 100)).to.equal(Status.OK)
    expect(one.reply.item).to.deep.include({ isWon: false, wasWon: true, isStale: true })
  })
})

describe('An append that creates a missing item', () => {
  it('creates an item if the old one is removed before it locks the key', () => {
    const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
    one.set('key', Buffer.from('old'))
    const { store } = one
    const { lock } = store
    store.lock = (...given) => {
      store.lock = lock
      expect(other.remove('key')).to.equal(Status.OK)
      return lock.apply(store, given)
    }
    expect(ask(one, Command.APPEND, Trait.VIVIFY, 0, 0, Buffer.from('new'))).to.equal(Status.OK)
    expect(`${other.get('key')?.value}`).to.equal('new')
  })

  it('creates an item if the old one is removed while it makes room for the copy', () => {
    const [one, other] = EngineDriver.pair(MEMORY_LENGTH)
    one.set('key', Buffer.from('old'))
    whenRoomIsMade(one, () => expect(other.remove('key')).to.equal(Status.OK))
    expect(ask(one, Command.APPEND, Trait.VIVIFY, 0, 0, Buffer.from('new'))).to.equal(Status.OK)
    expect(`${other.get('key')?.value}`).to.equal('new')
    expect(one.count('cmd_set')).to.equal(2)
  })
})
