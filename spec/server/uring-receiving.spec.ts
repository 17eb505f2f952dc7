/** What goes wrong when a ring receives, or is not there. What any wire must do is in wire.spec.ts. */
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { POLL_FIRST } from '../../lib/server/wires/uring/layout.js'
import { loadSystemCalls, type SystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import type { UringWire } from '../../lib/server/wires/uring/uring-wire.js'
import { faultySystemCalls, RefusingKernel } from '../support/faulty-system-calls.js'
import { pattern } from '../support/pattern.js'
import { Random } from '../support/random.js'
import { REPEATS_READS, URING_OBSTACLE } from '../support/uring.js'
import { Pair, Rig, type RigCounts } from './uring-rig.js'

/** Longer than a request to read that repeats itself. */
const ENDING = 'x'.repeat(5000)

for (const repeatsReads of [false, true])
  describe(`A ring whose requests ${repeatsReads ? 'repeat themselves' : 'are for one read'}`, () => {
    before(function () {
      if (URING_OBSTACLE !== undefined || (repeatsReads && !REPEATS_READS)) this.skip()
    })

    let rig: Rig
    const newRig = (system: SystemCalls, counts: RigCounts = {}) =>
      new Rig(system, { ...counts, repeatsReads })
    afterEach(() => rig?.close())

    it('reads what has come of a long value to its place, and no further', async () => {
      const lengths: number[] = []
      const system = faultySystemCalls(({ recv }) => ({
        recv(fd, address, length, flags) {
          const result = recv(fd, address, length, flags)
          lengths.push(result)
          return result
        },
      }))
      rig = newRig(system)
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
      rig = newRig(loadSystemCalls())
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
      rig = newRig(loadSystemCalls())
      const [pair] = await rig.connect(1)
      for (let n = 0; n < 3; n++) {
        pair!.wire.pause()
        pair!.wire.resume()
      }
      pair!.client.send(Buffer.from('once'))
      await pair!.until(() => pair!.text === 'once')
    })

    it('closes a connection that has a defect, and goes on for others, if its program survives', async () => {
      rig = newRig(loadSystemCalls())
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
        await pairs[1]!.until(() => pairs[1]!.isClosed)
      } finally {
        for (const listener of listeners) process.on('uncaughtException', listener)
      }
    })

    describe('asks the kernel again', () => {
      let askedCount: number
      let pair: Pair
      beforeEach(async () => {
        const system = faultySystemCalls(({ call }) => ({
          call(number, a, b, c, d, e, f) {
            askedCount += b
            return call(number, a, b, c, d, e, f)
          },
        }))
        rig = newRig(system)
        pair = (await rig.connect(1))[0]!
        await nextTurn()
        askedCount = 0
      })

      async function sendShort(): Promise<void> {
        const length = pair.text.length + 100
        pair.client.send(Buffer.alloc(100, 'x'))
        await pair.until(() => pair.text.length === length)
        await nextTurn()
      }

      it('when a request has ended', async () => {
        for (let n = 1; n <= 100; n++) await sendShort()
        // 41 reads bring 4,100 bytes, which is more than the limit.
        expect(askedCount).to.equal(repeatsReads ? 2 : 100)
      })

      it('only then if reading was paused meanwhile', async () => {
        pair.buffer = Buffer.alloc(30)
        pair.mayRead = false
        pair.client.send(Buffer.alloc(100, 'x'))
        await pair.until(() => pair.text.length === 30)
        pair.buffer = Buffer.alloc(70)
        pair.wire.resume()
        await pair.until(() => pair.text.length === 100)
        await nextTurn()
        expect(askedCount).to.equal(0)
        pair.mayRead = true
        pair.wire.resume()
        await sendShort()
        expect(askedCount).to.equal(repeatsReads ? 0 : 2)
      })
    })

    /** A connection that is paused, and has kept 70 bytes. */
    async function connectKeeping(): Promise<Pair> {
      rig = newRig(loadSystemCalls())
      const pair = (await rig.connect(1))[0]!
      pair.buffer = Buffer.alloc(30)
      pair.mayRead = false
      pair.client.send(Buffer.alloc(100, 'x'))
      await pair.until(() => pair.text.length === 30)
      return pair
    }

    it('hands on nothing of what it has kept if it is destroyed as soon as it is resumed', async () => {
      const pair = await connectKeeping()
      pair.wire.resume()
      pair.wire.destroy()
      await pair.until(() => pair.isClosed)
      expect(pair.text.length).to.equal(30)
    })

    it('hands on what it has kept after it is resumed, until it is destroyed', async () => {
      const pair = await connectKeeping()
      let count = 0
      pair.received = () => {
        count++
        pair.wire.destroy()
        return true
      }
      pair.wire.resume()
      expect(count).to.equal(0)
      await pair.until(() => pair.isClosed)
      expect(count).to.equal(1)
    })

    it('hands on what it has kept before what comes right after it is resumed', async () => {
      const first = await connectKeeping()
      const [second] = await rig.connect(1)
      second!.received = () => {
        first.mayRead = true
        first.wire.resume()
        first.client.send(Buffer.alloc(100, 'y'))
        return true
      }
      second!.client.send(Buffer.from('x'))
      await first.until(() => first.text.length === 200)
      expect(first.text).to.equal('x'.repeat(100) + 'y'.repeat(100))
    })

    it('finds what comes while the eventfd is off', async () => {
      let pair: Pair
      let callsLeft = 0
      const system = faultySystemCalls(({ call }) => ({
        call(number, a, b, c, d, e, f) {
          const result = call(number, a, b, c, d, e, f)
          if (--callsLeft === 0) pair.client.send(Buffer.from('later'))
          return result
        },
      }))
      rig = newRig(system)
      pair = (await rig.connect(1))[0]!
      // The first call receives, and the second one finds nothing.
      for (const count of [1, 2]) {
        for (let turn = 0; turn < 10; turn++) await nextTurn()
        pair.text = ''
        callsLeft = count
        pair.client.send(Buffer.from('at once, '))
        await pair.until(() => pair.text === 'at once, later')
      }
    })

    for (const waitsFirst of [false, true])
      it(`finds a reset that came with bytes before it ${waitsFirst ? 'waited' : 'asked'}`, async () => {
        rig = newRig(loadSystemCalls())
        const pairs = await rig.connect(2)
        // As if both came after the first attempt to read.
        if (waitsFirst) (rig.ring as unknown as { receiveFlags: number }).receiveFlags |= POLL_FIRST
        for (const pair of pairs) {
          pair.mayRead = false
          pair.client.send(Buffer.from(ENDING))
          await pair.until(() => pair.text === ENDING)
          pair.mayRead = true
          await pair.client.sendAll(Buffer.from('last'))
          pair.client.reset()
          for (let turn = 0; turn < 10; turn++) await nextTurn()
          pair.wire.resume()
        }
        for (const pair of pairs) await pair.until(() => pair.isClosed)
      })

    it('asks again if its request was cancelled', async () => {
      rig = newRig(loadSystemCalls())
      const [pair] = await rig.connect(1)
      await nextTurn()
      rig.ring.cancel((pair!.wire as unknown as { slot: number }).slot)
      pair!.client.send(Buffer.from('bytes'))
      await pair!.until(() => pair!.text === 'bytes')
    })

    it('receives for more connections than it has buffers', async () => {
      rig = newRig(loadSystemCalls(), { submissionCount: 64, completionCount: 128, readBufferCount: 1 })
      const pairs = await rig.connect(20)
      const sent = pattern(100_000)
      for (const { client } of pairs) client.send(sent)
      for (const pair of pairs) await pair.until(() => pair.text.length === sent.length)
      expect(pairs.every(({ text }) => Buffer.from(text, 'latin1').equals(sent))).to.equal(true)
    })

    it('receives for more connections than its queues have room for', async () => {
      rig = newRig(loadSystemCalls(), { submissionCount: 1, completionCount: 2, readBufferCount: 64 })
      const pairs = await rig.connect(40)
      for (const [n, { client }] of pairs.entries()) client.send(Buffer.from(`client ${n}`))
      for (const [n, pair] of pairs.entries()) await pair.until(() => pair.text === `client ${n}`)
    })

    for (const isAsleep of [false, true])
      it(`goes on when the kernel takes calls again${isAsleep ? ', also if it slept' : ''}`, async () => {
        const kernel = new RefusingKernel()
        rig = newRig(kernel.system)
        const [first, second] = await rig.connect(2)
        for (let turn = 0; isAsleep && turn < 10; turn++) await nextTurn()
        kernel.isRefusing = true
        first!.client.send(Buffer.from('one'))
        second!.client.send(Buffer.from('two'))
        for (let turn = 0; turn < 50; turn++) await nextTurn()
        expect(first!.text + second!.text).to.equal('')
        kernel.isRefusing = false
        await first!.until(() => first!.text === 'one')
        await second!.until(() => second!.text === 'two')
      })

    it('closes a connection whose request finds no room, and no other', async () => {
      const kernel = new RefusingKernel()
      rig = newRig(kernel.system, { submissionCount: 1, completionCount: 4, readBufferCount: 4 })
      const [first, ...others] = await rig.connect(3)
      first!.mayRead = false
      for (const other of others) other.mayRead = false
      for (const pair of rig.pairs) pair.client.send(Buffer.from(ENDING))
      for (const pair of rig.pairs) await pair.until(() => pair.text === ENDING)
      kernel.isRefusing = true
      for (const { wire } of rig.pairs) wire.resume()
      kernel.isRefusing = false
      for (const other of others) await other.until(() => other.isClosed)
      first!.client.send(Buffer.from('y'))
      await first!.until(() => first!.text === `${ENDING}y`)
      expect(first!.isClosed).to.equal(false)
    })

    it('does not read from a later socket for a request that the kernel has not taken', async () => {
      const kernel = new RefusingKernel()
      rig = newRig(kernel.system)
      // The number of the next client.
      const spare = openSync('/dev/null', 'r')
      const [first] = await rig.connect(1)
      first!.mayRead = false
      first!.client.send(Buffer.from(ENDING))
      await first!.until(() => first!.text === ENDING)
      kernel.isRefusing = true
      first!.wire.resume()
      const { fd } = first!.wire as UringWire
      first!.wire.destroy()
      await first!.until(() => first!.isClosed)
      closeSync(spare)
      const [second] = await rig.connect(1)
      let isEnded = false
      second!.ended = () => {
        isEnded = true
      }
      kernel.isRefusing = false
      expect((second!.wire as UringWire).fd).to.equal(fd)
      second!.client.send(Buffer.from('for the second'))
      await second!.until(() => second!.text === 'for the second')
      expect(isEnded, 'by what was meant for the first').to.equal(false)
      expect(first!.text).to.equal(ENDING)
    })

    it('keeps what a paused connection has not taken, while others use every buffer', async () => {
      rig = newRig(loadSystemCalls(), { submissionCount: 64, completionCount: 128, readBufferCount: 4 })
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

    it('keeps no more than a request brings, however much a client sends to a paused connection', async () => {
      rig = newRig(loadSystemCalls())
      const [pair] = await rig.connect(1)
      pair!.mayRead = false
      pair!.buffer = Buffer.alloc(1)
      const kept = () => (pair!.wire as unknown as { kept?: Buffer }).kept?.length ?? 0
      const sent = pattern(300_000)
      for (let start = 0; start < 5000; start += 100) {
        pair!.client.send(sent.subarray(start, start + 100))
        await nextTurn()
      }
      pair!.client.send(sent.subarray(5000))
      for (let turn = 0; turn < 50; turn++) await nextTurn()
      expect(kept())
        .to.be.greaterThan(0)
        .and.lessThan(repeatsReads ? 20_480 : 16_384)
      pair!.mayRead = true
      pair!.wire.resume()
      await pair!.until(() => pair!.text.length === sent.length)
      expect(Buffer.from(pair!.text, 'latin1').equals(sent)).to.equal(true)
    })

    it('hands on all bytes in order, and the end behind them, however a listener pauses', async () => {
      rig = newRig(loadSystemCalls())
      const pairs = await rig.connect(8)
      const random = new Random(17)
      const sent = pattern(400_000)
      const lengthsAtEnd: number[] = []
      for (const pair of pairs) {
        pair.buffer = Buffer.alloc(1 + random.below(6000))
        const { received } = Pair.prototype
        pair.received = (length) => {
          const mayRead = received.call(pair, length) && random.below(3) > 0
          if (!mayRead) setImmediate(() => pair.wire.resume())
          return mayRead
        }
        pair.ended = () => {
          lengthsAtEnd.push(pair.text.length)
          pair.wire.finish()
        }
      }
      for (let start = 0; start < sent.length; ) {
        const end = start + 1 + random.below(random.below(4) === 0 ? 30_000 : 900)
        for (const { client } of pairs) client.send(sent.subarray(start, end))
        start = end
        if (random.below(3) === 0) await nextTurn()
      }
      for (const { client } of pairs) client.endSide()
      for (const pair of pairs) await pair.until(() => pair.isClosed)
      expect(lengthsAtEnd).to.deep.equal(pairs.map(() => sent.length))
      expect(pairs.every(({ text }) => Buffer.from(text, 'latin1').equals(sent))).to.equal(true)
    })
  })
