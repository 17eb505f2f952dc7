import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { exchange, receiveFrame } from '../support/binary-client.js'
import { itemExtras, Op, opaqueOf, reply, request, statusOf, uint32, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'
import { WIRES } from '../support/wires.js'

const MIB = 1024 * 1024
/** The memory of one connection that does not read, with a margin for garbage. */
const GROWTH_MAX = 48 * MIB

for (const { name, over } of WIRES)
  describe(`A client that does not read, over ${name},`, () => {
    const server = useServer(over())

    it('does not make the server grow or spin, hinders no other client, and gets everything in order at last', async function () {
      this.slow(20_000)
      const count = 6000
      const value = pattern(10_000)
      const [slow, other] = [await server().connect(), await server().connect()]
      await exchange(other, request(Op.SET, { key: 'key', value, extras: itemExtras() }))
      const residentBefore = server().residentLength

      slow.pause()
      slow.send(
        Buffer.concat(Array.from({ length: count }, (_, opaque) => request(Op.GETK, { key: 'key', opaque }))),
      )
      for (let n = 0; n < 500; n++) await exchange(other, request(Op.GET, { key: 'key' }))
      expect(server().residentLength - residentBefore).to.be.lessThan(GROWTH_MAX)

      const cpuBefore = server().cpuMs
      await sleep(300)
      expect(server().cpuMs - cpuBefore).to.be.lessThan(150)

      slow.resume()
      const length = reply(Op.GETK, { extras: uint32(0), key: 'key', value }).length
      for (let opaque = 0; opaque < count; opaque++) {
        const frame = await slow.receive(length)
        if (opaqueOf(frame) !== opaque || !frame.subarray(-value.length).equals(value))
          expect.fail(`reply ${opaque} is another`)
      }
      slow.close()
      other.close()
    })

    it('but sends requests must wait: the server stops reading', async function () {
      this.slow(10_000)
      const residentBefore = server().residentLength
      const floods = await Promise.all([server().connect(), server().connect()])
      const stats = request(Op.STAT)
      const flood = Buffer.concat(Array.from({ length: Math.ceil((16 * MIB) / stats.length) }, () => stats))
      for (const connection of floods) {
        connection.pause()
        connection.send(flood)
      }
      const other = await server().connect()
      for (let n = 0; n < 500; n++) await exchange(other, request(Op.NOOP))
      for (const connection of floods) expect(connection.unsentLength).to.be.greaterThan(4 * MIB)
      expect(server().residentLength - residentBefore).to.be.lessThan(2 * GROWTH_MAX)

      for (const connection of floods) connection.reset()
      await exchange(other, request(Op.NOOP))
      other.close()
    })

    it('and disconnects leaves nothing behind', async function () {
      this.slow(20_000)
      const other = await server().connect()
      const value = pattern(900_000)
      await exchange(other, request(Op.SET, { key: 'key', value, extras: itemExtras() }))
      const get = request(Op.GET, { key: 'key' })
      const batch = Buffer.concat(Array.from({ length: 20 }, () => get))
      const abandon = async () => {
        const connection = await server().connect()
        connection.pause()
        await connection.sendAll(batch)
        await exchange(other, request(Op.NOOP))
        connection.reset()
      }
      for (let n = 0; n < 20; n++) await abandon()
      const residentBefore = server().residentLength
      for (let n = 0; n < 200; n++) await abandon()
      expect(server().residentLength - residentBefore).to.be.lessThan(GROWTH_MAX)
      expect((await exchange(other, get)).subarray(-value.length).equals(value)).to.equal(true)
      other.close()
    })
  })

for (const { name, over } of WIRES)
  describe(`Many clients that do not read large values, over ${name},`, () => {
    const server = useServer(over({ options: ['-m', '64'] }))

    it('do not keep others from storing, and get whole values at last', async function () {
      this.slow(20_000)
      const keys = Array.from({ length: 30 }, (_, n) => `key ${n}`)
      const values = keys.map((_, n) => pattern(900_000, n))
      const set = (key: string, value: Buffer) => request(Op.SET, { key, value, extras: itemExtras() })
      const writer = await server().connect()
      for (const [n, key] of keys.entries()) await exchange(writer, set(key, values[n]!))

      const readers = await Promise.all(Array.from({ length: 10 }, () => server().connect()))
      const all = Buffer.concat(keys.map((key, opaque) => request(Op.GET, { key, opaque })))
      for (const reader of readers) {
        reader.pause()
        reader.send(all)
      }
      await exchange(writer, request(Op.NOOP))
      for (let n = 0; n < 100; n++)
        expect(statusOf(await exchange(writer, set(`new ${n}`, values[n % 30]!))), `new ${n}`).to.equal(0)

      for (const reader of readers) {
        reader.resume()
        for (const [opaque, value] of values.entries()) {
          const frame = await receiveFrame(reader)
          expect(opaqueOf(frame)).to.equal(opaque)
          // Values that were not being read yet may have been evicted meanwhile.
          if (statusOf(frame) === 0) expect(valueIn(frame).equals(value)).to.equal(true)
          else expect(statusOf(frame)).to.equal(1)
        }
      }
      for (const connection of [writer, ...readers]) connection.close()
    })
  })
