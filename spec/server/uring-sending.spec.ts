/** What goes wrong when a ring sends. */
import { closeSync, openSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect } from 'chai'
import { loadSystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import { faultySystemCalls, RefusingKernel, sendingAtMost } from '../support/faulty-system-calls.js'
import { pattern } from '../support/pattern.js'
import { REPEATS_READS, toArena, URING_OBSTACLE } from '../support/uring.js'
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

    it('before it asks again, because the end has come with the bytes', async function () {
      if (!REPEATS_READS) this.skip()
      rig = new Rig(loadSystemCalls(), { repeatsReads: true })
      const pair = (await rig.connect(1))[0]!
      let failedCount = 0
      Object.assign(pair.wire, { sendFailed: () => failedCount++ })
      pair.received = () => give(pair, reply(7))
      pair.client.send(Buffer.from('x'))
      pair.client.endSide()
      expect((await pair.client.receiveRest()).bytes.equals(reply(7))).to.equal(true)
      expect(failedCount).to.equal(0)
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
})
