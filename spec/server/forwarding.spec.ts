/** A connection whose items are on another machine: when it begins requests, and in which order it answers them. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { Status } from '../../lib/request/status.js'
import { EngineByHand, RESTORED_LENGTH } from '../support/engine-by-hand.js'
import { eventually } from '../support/eventually.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const BATCH_LENGTH_MAX = 64 * 1024
const COUNT_MAX = 128

function open() {
  let engine!: EngineByHand
  const remote = (...context: ConstructorParameters<typeof EngineByHand>): EngineByHand => {
    engine = new EngineByHand(...context)
    return engine
  }
  const kit = createWorkerKit({
    memoryLength: MEGABYTE,
    protocol: 'ascii',
    spareLength: RESTORED_LENGTH,
    remote,
  })
  const wire = new WireByHand(kit.worker)
  /** The engine replies to requests for these keys, and the connection sends what it can. Returns that. */
  const reply = async (keys: string, status: Status = Status.OK): Promise<string> => {
    engine.reply(keys, status)
    await nextTurn()
    return wire.text
  }
  return { kit, engine, wire, reply }
}

const gets = (keys: string): string => keys.replace(/\S+ ?/g, (key) => `get ${key.trim()}\r\n`)
const ended = (count: number): string => 'END\r\n'.repeat(count)
const keysUpTo = (count: number): string => Array.from({ length: count }, (_, n) => `k${n}`).join(' ')

describe('Forwarded requests', () => {
  it('are begun at once, and answered in their order: all that may be, in one write', async () => {
    const { engine, wire, reply } = open()
    wire.receive(gets('a b a c'))
    expect(engine.keys).to.equal('a b a c')
    expect(await reply('b a')).to.equal(ended(2))
    const { batchCount } = engine
    engine.reply('c')
    engine.reply('a')
    await nextTurn()
    expect(wire.writes.map(String)).to.deep.equal([ended(2)])
    expect(engine.batchCount).to.equal(batchCount + 1)
  })

  it('wait until earlier changes of their key are done, and all behind them wait too', async () => {
    const { engine, wire, reply } = open()
    wire.receive(`set a 0 0 1\r\nx\r\n${gets('b a c')}`)
    expect(engine.keys).to.equal('a b')
    expect([await reply('b'), engine.keys]).to.deep.equal(['', 'a'])
    expect([await reply('a'), engine.keys]).to.deep.equal(['STORED\r\nEND\r\n', 'a c'])
    expect(await reply('a c')).to.equal(`VALUE a 0 1\r\nx\r\n${ended(2)}`)
    expect(engine.keys).to.equal('')
  })

  it('that are not about items run in their turn, and alone', async () => {
    const { engine, wire, reply } = open()
    wire.receive(`${gets('a')}version\r\n${gets('b')}`)
    expect(engine.keys).to.equal('a')
    expect(await reply('a')).to.match(/^END\r\nVERSION \S+\r\n$/)
    expect(engine.keys).to.equal('b')
  })

  it('that are not about items are answered at once if none is open, 64 KiB at a time', () => {
    const { wire } = open()
    wire.receive('stats\r\n'.repeat(100))
    const lengths = wire.writes.map(({ length }) => length)
    expect(lengths).to.have.length.above(1)
    expect(Math.max(...lengths)).to.be.below(2 * BATCH_LENGTH_MAX)
  })

  it('are 128 at most, and half of them are answered before more are begun', async () => {
    const { engine, wire, reply } = open()
    wire.receive(gets(keysUpTo(2 * COUNT_MAX)))
    expect(engine.keys).to.equal(keysUpTo(COUNT_MAX))
    await reply(keysUpTo(COUNT_MAX / 2 - 1))
    expect(engine.keys.split(' ')).to.have.length(COUNT_MAX / 2 + 1)
    await reply(`k${COUNT_MAX / 2 - 1}`)
    expect(engine.keys.split(' ')).to.have.length(COUNT_MAX)
    expect(wire.isReading).to.equal(false)
  })

  it('wait for room in the engine, whose replies are sent meanwhile', async () => {
    const { engine, wire, reply } = open()
    wire.receive(gets('a'))
    engine.hasRoom = false
    wire.receive(gets('b'))
    expect([engine.keys, engine.waiters.length]).to.deep.equal(['a', 1])
    expect(await reply('a')).to.equal(ended(1))
    engine.hasRoom = true
    for (const waiter of engine.waiters.splice(0)) waiter.roomMade()
    expect(engine.keys).to.equal('b')
    expect(wire.isReading).to.equal(true)
  })

  it('may have long lines and long values', async () => {
    const { engine, wire, reply } = open()
    const value = 'v'.repeat(30_000)
    wire.receive(`set a 0 0 ${value.length}\r\n${value}\r\n`)
    expect(await reply('a')).to.equal('STORED\r\n')
    wire.receive(`get ${'long '.repeat(8000)}a\r\n`)
    let text = ''
    while (engine.keys !== '') text += await reply(engine.keys)
    expect(text).to.equal(`VALUE a 0 ${value.length}\r\n${value}\r\nEND\r\n`)
  })

  it('are told to watchers', async () => {
    const { kit, wire } = open()
    const watcher = new WireByHand(kit.worker, 2)
    watcher.receive('watch rawcmds\r\n')
    wire.receive(gets('a'))
    expect(await eventually(true, async () => watcher.writes.join('').includes('<1 get a'))).to.equal(true)
  })

  for (const command of ['get', 'gat 0'])
    it(`for the keys of one line fail together, and later lines do not: ${command}`, async () => {
      const { wire, reply } = open()
      wire.receive(`${command} a b c\r\n${command} d\r\n`)
      await reply('a')
      await reply('b', Status.TEMPORARY_FAILURE)
      expect(await reply('c d')).to.equal(`SERVER_ERROR temporary failure\r\n${ended(1)}`)
    })
})

describe('A connection with forwarded requests', () => {
  it('is not read while its client takes no replies, and is closed if the engine needs the memory', async () => {
    const { engine, wire, reply } = open()
    wire.receive(gets('a b c'))
    wire.isFull = true
    expect([await reply('a'), wire.isReading]).to.deep.equal([ended(1), false])
    expect(await reply('b')).to.equal('')
    wire.drain()
    expect([wire.text, wire.isReading]).to.deep.equal([ended(1), true])
    wire.receive(gets('d'))
    wire.isFull = true
    await reply('c')
    engine.isShort = true
    await reply('d')
    expect(wire.isDestroyed).to.equal(true)
  })

  it('is closed after quit, once what was sent before is answered', async () => {
    const { engine, wire, reply } = open()
    wire.receive(`${gets('a')}quit\r\n${gets('b')}`)
    expect([await reply('a'), engine.keys]).to.deep.equal([ended(1), ''])
    // What follows quit was not read.
    expect([wire.endCount, wire.finishCount]).to.deep.equal([1, 0])
    wire.connection.ended()
    expect(wire.finishCount).to.equal(1)
    wire.connection.closed()
  })

  it('is closed at once after quit if nothing is open', () => {
    const { engine, wire } = open()
    wire.receive(`quit\r\n${gets('a')}`)
    expect([wire.text, engine.keys, wire.finishCount]).to.deep.equal(['', '', 1])
  })

  it('is closed after bytes that are no request, once what was sent before is answered', async () => {
    const { wire, reply } = open()
    wire.receive(`${gets('a')}${'x'.repeat(3000)}`)
    expect([wire.text, wire.endCount]).to.deep.equal(['', 0])
    expect(await reply('a')).to.equal(ended(1))
    expect([wire.endCount, wire.finishCount]).to.deep.equal([1, 0])
    wire.connection.closed()
  })

  it('stays open after watch', async () => {
    const { wire, reply } = open()
    wire.receive(`${gets('a')}watch\r\n`)
    expect(await reply('a')).to.equal(`${ended(1)}OK\r\n`)
    expect([wire.endCount, wire.finishCount]).to.deep.equal([0, 0])
    wire.connection.closed()
  })

  it('is closed after the end of its client, once all is answered', async () => {
    const { wire, reply } = open()
    wire.receive(gets('a b'))
    wire.connection.ended()
    expect([await reply('a'), wire.finishCount]).to.deep.equal([ended(1), 0])
    expect([await reply('b'), wire.finishCount]).to.deep.equal([ended(1), 1])
  })

  it('is closed when the server stops, once all that was read is answered', async () => {
    const { wire, reply } = open()
    wire.receive(gets('a'))
    wire.connection.leave()
    expect([wire.isReading, wire.endCount]).to.deep.equal([false, 0])
    // Its client may have sent more.
    expect([await reply('a'), wire.endCount, wire.finishCount]).to.deep.equal([ended(1), 1, 0])
    wire.connection.closed()
  })

  it('has its replies dropped when it is closed', async () => {
    const { wire, reply } = open()
    wire.receive(gets('a'))
    wire.connection.breakOff()
    wire.connection.closed()
    expect(await reply('a')).to.equal('')
  })
})
