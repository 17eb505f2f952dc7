/** What goes wrong in a ring, or is not there. What any wire must do is in wire.spec.ts. */
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { IO_URING_ENTER } from '../../lib/server/wires/uring/layout.js'
import { loadSystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import type { UringWire } from '../../lib/server/wires/uring/uring-wire.js'
import { faultySystemCalls, RefusingKernel, sendingAtMost } from '../support/faulty-system-calls.js'
import { pattern } from '../support/pattern.js'
import { toArena, URING_OBSTACLE } from '../support/uring.js'
import { fdOf, type Pair, Rig } from './uring-rig.js'

/** More replies than the kernel keeps for a client that does not read. */
const LIMIT = 5000

describe('A ring', () => {
  before(function () {
    if (URING_OBSTACLE !== undefined) this.skip()
  })

  let rig: Rig
  afterEach(() => rig?.close())

  it('sends the rest of a short send, in order', async () => {
    rig = new Rig(sendingAtMost(7))
    const [pair] = await rig.connect(1)
    const pieces = [pattern(500), pattern(3), pattern(100_000)]
    pair!.wire.send(pieces[0]!)
    pair!.wire.sendAll(pieces)
    const whole = Buffer.concat([pieces[0]!, ...pieces])
    expect((await pair!.client.receive(whole.length)).equals(whole)).to.equal(true)
  })

  describe('sends short replies', () => {
    const reply = (n: number, length = 4000) => Buffer.alloc(length, n)
    const give = ({ wire }: Pair, bytes: Buffer, place?: number) =>
      wire.send(toArena(rig.ring.memory, bytes, place))

    it('of many connections with one call', async () => {
      let enterCount = 0
      const system = faultySystemCalls(({ call }) => ({
        call(number, a, b, c, d, e, f) {
          enterCount++
          return call(number, a, b, c, d, e, f)
        },
      }))
      rig = new Rig(system)
      const pairs = await rig.connect(20)
      enterCount = 0
      for (const [n, pair] of pairs.entries()) expect(give(pair, reply(n, 100))).to.equal(true)
      expect(enterCount).to.equal(0)
      for (const [n, { client }] of pairs.entries())
        expect((await client.receive(100)).equals(reply(n, 100))).to.equal(true)
      expect(enterCount).to.be.greaterThan(0).and.lessThan(10)
    })

    it('at places that no signed word can hold', async () => {
      let sendCount = 0
      const system = faultySystemCalls(({ sender }) => ({
        sender(messageAddress) {
          const send = sender(messageAddress)
          return (fd, flags) => {
            sendCount++
            return send(fd, flags)
          }
        },
      }))
      rig = new Rig(system, { start: 2 ** 31 })
      const pairs = await rig.connect(20)
      for (const [n, pair] of pairs.entries()) expect(give(pair, reply(n, 100))).to.equal(true)
      for (const [n, { client }] of pairs.entries())
        expect((await client.receive(100)).equals(reply(n, 100))).to.equal(true)
      expect(sendCount, 'sent without the ring').to.equal(0)
    })

    it('of which the kernel does not take all, in order, and says then that others have to wait', async () => {
      rig = new Rig(loadSystemCalls())
      const [slow, quick] = await rig.connect(2)
      slow!.client.pause()
      const given: Buffer[] = []
      const taken = (bytes: Buffer) => give(slow!, given[given.push(bytes) - 1]!)
      // The second one of a turn must not pass the first one.
      for (let n = 0; taken(reply(n, 3000 + (n % 100))) && taken(reply(n + 1, 17)); n++) {
        expect(n).to.be.lessThan(LIMIT)
        give(quick!, reply(n, 1), 1)
        await nextTurn()
      }
      // What waits must not be where later replies are put.
      for (let n = 0; n < 5; n++) {
        give(quick!, reply(n), 1)
        await nextTurn()
      }
      slow!.client.resume()
      const whole = Buffer.concat(given)
      expect((await slow!.client.receive(whole.length)).equals(whole)).to.equal(true)
      expect((await quick!.client.receive(1))[0]).to.equal(0)
    })

    it('that end in the middle, and the end of the connection behind them', async () => {
      rig = new Rig(loadSystemCalls())
      const [pair] = await rig.connect(1)
      pair!.client.pause()
      const given: Buffer[] = []
      const isFull = () => (pair!.wire as unknown as { waitingCount: number }).waitingCount > 0
      for (let n = 0; !isFull(); n++) {
        expect(n).to.be.lessThan(LIMIT)
        given.push(reply(n))
        give(pair!, given.at(-1)!)
        await nextTurn()
      }
      pair!.wire.endSending()
      pair!.client.resume()
      const { bytes, ending } = await pair!.client.receiveRest()
      expect(bytes.equals(Buffer.concat(given))).to.equal(true)
      expect(ending).to.equal('end of stream')
    })

    it('that are more than it has room for', async () => {
      rig = new Rig(loadSystemCalls(), { submissionCount: 128 })
      const { arena, repliesEnd } = rig.ring.memory
      const beyond = arena.view(repliesEnd, repliesEnd + 1000).fill(0xee)
      const pairs = await rig.connect(90)
      for (const [n, pair] of pairs.entries()) expect(give(pair, reply(n))).to.equal(true)
      for (const [n, { client }] of pairs.entries())
        expect((await client.receive(4000)).equals(reply(n)), `${n}`).to.equal(true)
      expect(beyond.equals(Buffer.alloc(1000, 0xee))).to.equal(true)
    })

    it('to a client that has reset its connection, which closes it and no other', async () => {
      rig = new Rig(loadSystemCalls())
      const [gone, here] = await rig.connect(2)
      gone!.wire.pause()
      gone!.client.reset()
      for (let turn = 0; turn < 10; turn++) await nextTurn()
      give(gone!, reply(1))
      give(here!, reply(2))
      await gone!.until(() => gone!.isClosed)
      expect((await here!.client.receive(4000)).equals(reply(2))).to.equal(true)
      expect(here!.isClosed).to.equal(false)
    })

    it('before it closes the connection', async () => {
      rig = new Rig(loadSystemCalls())
      for (const pair of await rig.connect(3)) {
        give(pair, reply(7))
        pair.wire.destroy()
        expect((await pair.client.receive(4000)).equals(reply(7))).to.equal(true)
      }
    })

    it('when the kernel takes requests again', async () => {
      const kernel = new RefusingKernel()
      rig = new Rig(kernel.system, { submissionCount: 128 })
      const pairs = await rig.connect(90)
      kernel.isRefusing = true
      // The last ones find no room, and are sent without the ring.
      for (const [n, pair] of pairs.entries()) expect(give(pair, reply(n))).to.equal(true)
      await nextTurn()
      kernel.isRefusing = false
      for (const [n, { client }] of pairs.entries())
        expect((await client.receive(4000)).equals(reply(n)), `${n}`).to.equal(true)
    })

    it('or closes the connection, if the kernel takes no requests and the next reply has to wait', async () => {
      const kernel = new RefusingKernel()
      rig = new Rig(kernel.system)
      const spare = openSync('/dev/null', 'r')
      const [first] = await rig.connect(1)
      // Its only request is that reply.
      first!.mayRead = false
      first!.client.send(Buffer.from('x'))
      await first!.until(() => first!.text === 'x')
      kernel.isRefusing = true
      give(first!, reply(1))
      give(first!, reply(2))
      await first!.until(() => first!.isClosed)
      // Two descriptors are free: the lower one for the client, and that of the first connection.
      const taken: number[] = []
      do taken.push(openSync('/dev/null', 'r'))
      while (taken.at(-1)! < fdOf(first!))
      for (const fd of [taken.pop()!, spare]) closeSync(fd)
      const [second] = await rig.connect(1)
      for (const fd of taken) closeSync(fd)
      expect(fdOf(second!)).to.equal(fdOf(first!))
      kernel.isRefusing = false
      give(second!, reply(3))
      expect((await second!.client.receive(4000)).equals(reply(3))).to.equal(true)
    })
  })

  it('reads what has come of a long value to its place, and no further', async () => {
    const lengths: number[] = []
    const system = faultySystemCalls(({ recv }) => ({
      recv(fd, address, length, flags) {
        const result = recv(fd, address, length, flags)
        lengths.push(result)
        return result
      },
    }))
    rig = new Rig(system)
    const [pair] = await rig.connect(1)
    lengths.length = 0
    const { arena } = rig.ring.memory
    const start = arena.byteLength - 60_000
    pair!.buffer = arena.view(start, start + 20_000)
    const beyond = arena.view(start + 20_000, start + 25_000).fill(0xee)
    const sent = pattern(2_000_000)
    pair!.client.send(sent)
    await pair!.until(() => pair!.text.length === sent.length)
    expect(Buffer.from(pair!.text, 'latin1').equals(sent)).to.equal(true)
    expect(Math.max(...lengths)).to.equal(20_000)
    expect(beyond.equals(Buffer.alloc(5000, 0xee))).to.equal(true)
  })

  it('reports the end of a connection before it reads what came later from another one', async () => {
    rig = new Rig(loadSystemCalls())
    const [first, second] = await rig.connect(2)
    let wasClosed: boolean | undefined
    first!.ended = () => {
      first!.wire.destroy()
      second!.client.send(Buffer.from('later'))
    }
    second!.received = () => {
      wasClosed = first!.isClosed
      return true
    }
    first!.client.endSide()
    await second!.until(() => wasClosed !== undefined)
    expect(wasClosed).to.equal(true)
  })

  it('has one request to read for a connection that is paused and resumed at once', async () => {
    rig = new Rig(loadSystemCalls())
    const [pair] = await rig.connect(1)
    for (let n = 0; n < 3; n++) {
      pair!.wire.pause()
      pair!.wire.resume()
    }
    pair!.client.send(Buffer.from('once'))
    await pair!.until(() => pair!.text === 'once')
  })

  it('goes on for other connections when one has a defect that its program survives', async () => {
    rig = new Rig(loadSystemCalls())
    const pairs = await rig.connect(3)
    // Until no turn is scheduled.
    for (let n = 0; n < 10; n++) await nextTurn()
    pairs[1]!.received = () => {
      throw new Error('a defect')
    }
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const uncaught = once(process, 'uncaughtException')
    try {
      for (const { client } of pairs) client.send(Buffer.from('bytes'))
      const [error] = await uncaught
      expect((error as Error).message).to.equal('a defect')
      // Whichever comes first.
      for (const pair of [pairs[0]!, pairs[2]!]) await pair.until(() => pair.text === 'bytes')
    } finally {
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })

  it('receives for more connections than it has buffers', async () => {
    rig = new Rig(loadSystemCalls(), { submissionCount: 64, completionCount: 128, readBufferCount: 1 })
    const pairs = await rig.connect(20)
    const sent = pattern(100_000)
    for (const { client } of pairs) client.send(sent)
    for (const pair of pairs) await pair.until(() => pair.text.length === sent.length)
    expect(pairs.every(({ text }) => Buffer.from(text, 'latin1').equals(sent))).to.equal(true)
  })

  it('receives for more connections than its queues have room for', async () => {
    rig = new Rig(loadSystemCalls(), { submissionCount: 1, completionCount: 2, readBufferCount: 64 })
    const pairs = await rig.connect(40)
    for (const [n, { client }] of pairs.entries()) client.send(Buffer.from(`client ${n}`))
    for (const [n, pair] of pairs.entries()) await pair.until(() => pair.text === `client ${n}`)
  })

  it('goes on when the kernel takes requests again', async () => {
    let isRefusing = false
    let refusedCount = 0
    const system = faultySystemCalls(({ call }) => ({
      call(number, a, b, c, d, e, f) {
        if (!isRefusing || number !== IO_URING_ENTER) return call(number, a, b, c, d, e, f)
        refusedCount++
        return -1
      },
    }))
    rig = new Rig(system)
    const [first, second] = await rig.connect(2)
    isRefusing = true
    first!.client.send(Buffer.from('one'))
    second!.client.send(Buffer.from('two'))
    for (let turn = 0; turn < 50; turn++) await nextTurn()
    expect(first!.text + second!.text).to.equal('')
    isRefusing = false
    await first!.until(() => first!.text === 'one')
    await second!.until(() => second!.text === 'two')
    expect(refusedCount).to.be.greaterThan(0)
  })

  it('closes a connection whose request finds no room, and no other', async () => {
    const kernel = new RefusingKernel()
    rig = new Rig(kernel.system, { submissionCount: 1, completionCount: 4, readBufferCount: 4 })
    const [first, ...others] = await rig.connect(3)
    first!.mayRead = false
    for (const other of others) other.mayRead = false
    for (const pair of rig.pairs) pair.client.send(Buffer.from('x'))
    for (const pair of rig.pairs) await pair.until(() => pair.text === 'x')
    kernel.isRefusing = true
    for (const { wire } of rig.pairs) wire.resume()
    kernel.isRefusing = false
    for (const other of others) await other.until(() => other.isClosed)
    first!.client.send(Buffer.from('y'))
    await first!.until(() => first!.text === 'xy')
    expect(first!.isClosed).to.equal(false)
  })

  it('does not read from a later socket for a request that the kernel has not taken', async () => {
    const kernel = new RefusingKernel()
    rig = new Rig(kernel.system)
    // The number of the next client.
    const spare = openSync('/dev/null', 'r')
    const [first] = await rig.connect(1)
    first!.mayRead = false
    first!.client.send(Buffer.from('x'))
    await first!.until(() => first!.text === 'x')
    kernel.isRefusing = true
    first!.wire.resume()
    const { fd } = first!.wire as UringWire
    first!.wire.destroy()
    closeSync(spare)
    const [second] = await rig.connect(1)
    kernel.isRefusing = false
    expect((second!.wire as UringWire).fd).to.equal(fd)
    second!.client.send(Buffer.from('for the second'))
    await second!.until(() => second!.text === 'for the second')
    expect(first!.text).to.equal('x')
  })

  it('keeps what a paused connection has not taken, while others use every buffer', async () => {
    rig = new Rig(loadSystemCalls(), { submissionCount: 64, completionCount: 128, readBufferCount: 4 })
    const [paused, busy] = await rig.connect(2)
    paused!.buffer = Buffer.alloc(100)
    paused!.mayRead = false
    const kept = pattern(5000)
    paused!.client.send(kept)
    await paused!.until(() => paused!.text.length === 100)
    busy!.client.send(Buffer.alloc(500_000, 0xee))
    await busy!.until(() => busy!.text.length === 500_000)
    paused!.mayRead = true
    paused!.wire.resume()
    await paused!.until(() => paused!.text.length === kept.length)
    expect(Buffer.from(paused!.text, 'latin1').equals(kept)).to.equal(true)
  })
})
