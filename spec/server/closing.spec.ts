import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { exchange } from '../support/binary-client.js'
import { itemExtras, Op, reply, request, splitFrames, statusOf, uint32 } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'
import { WIRES } from '../support/wires.js'

const set = (key: string, value: Buffer | string) => request(Op.SET, { key, value, extras: itemExtras() })
const times = (count: number, bytes: Buffer) => Buffer.concat(Array.from({ length: count }, () => bytes))
const MISSING = reply(Op.GET, { status: 0x01, value: 'Not found' })

for (const { name: wire, over } of WIRES)
  describe(`The end of a connection over ${wire}`, () => {
    const server = useServer(over())

    it('by a client that sends FIN comes after all its replies, even if it reads them late', async () => {
      const [connection, observer] = [await server().connect(), await server().connect()]
      const value = pattern(10_000)
      await exchange(connection, set('key', value))
      connection.pause()
      connection.send(times(1000, request(Op.GET, { key: 'key' })))
      connection.endSide()
      for (let n = 0; n < 10; n++) await exchange(observer, request(Op.NOOP))
      observer.close()
      connection.resume()
      const { bytes, ending } = await connection.receiveRest()
      const frames = splitFrames(bytes)
      expect(frames.length).to.equal(1000)
      expect(frames.every((frame) => frame.subarray(-value.length).equals(value))).to.equal(true)
      expect(ending).to.equal('end of stream')
      connection.close()
    })

    it('in the middle of a request drops that request', async () => {
      const connection = await server().connect()
      connection.send(Buffer.concat([set('whole', 'v'), set('half', 'value').subarray(0, -1)]))
      connection.endSide()
      const { bytes, ending } = await connection.receiveRest()
      expect(splitFrames(bytes).map(statusOf)).to.deep.equal([0])
      expect(ending).to.equal('end of stream')

      const other = await server().connect()
      expect(await exchange(other, request(Op.GET, { key: 'half' }))).to.deep.equal(MISSING)
      expect(statusOf(await exchange(other, request(Op.GET, { key: 'whole' })))).to.equal(0)
      other.close()
    })

    it('without a byte sent is an orderly end of the stream', async () => {
      const connection = await server().connect()
      connection.endSide()
      expect(await connection.receiveRest()).to.deep.equal({
        bytes: Buffer.alloc(0),
        ending: 'end of stream',
      })
    })

    for (const [name, last] of [
      ['QUIT', [reply(Op.QUIT)]],
      ['QUITQ', []],
    ] as const)
      it(`by ${name} comes after all replies, however long they are`, async () => {
        const connection = await server().connect()
        const value = pattern(300_000)
        await exchange(connection, set('key', value))
        connection.send(Buffer.concat([times(40, request(Op.GET, { key: 'key' })), request(Op[name])]))
        const { bytes, ending } = await connection.receiveRest()
        const frames = splitFrames(bytes)
        expect(frames.slice(0, 40).every((frame) => frame.subarray(-value.length).equals(value))).to.equal(
          true,
        )
        expect(frames.slice(40)).to.deep.equal(last)
        expect(ending).to.equal('end of stream')
        expect(await connection.isRefusingBytes()).to.equal(true)
      })

    it('by QUIT is not a reset, even if much more was sent', async () => {
      const connection = await server().connect()
      connection.send(Buffer.concat([request(Op.QUIT), times(5000, set('late', 'value'))]))
      expect(await connection.receiveRest()).to.deep.equal({ bytes: reply(Op.QUIT), ending: 'end of stream' })
      connection.close()

      const other = await server().connect()
      expect(await exchange(other, request(Op.GET, { key: 'late' }))).to.deep.equal(MISSING)
      other.close()
    })

    it('may be followed by many small pieces, while the last replies are still being sent', async () => {
      const [connection, observer] = [await server().connect(), await server().connect()]
      const value = pattern(900_000)
      await exchange(observer, set('key', value))
      connection.pause()
      connection.send(Buffer.concat([times(20, request(Op.GET, { key: 'key' })), request(Op.QUIT)]))
      for (let n = 0; n < 50; n++) {
        await exchange(observer, request(Op.NOOP))
        connection.send(Buffer.from('more'))
      }
      connection.resume()
      const { bytes, ending } = await connection.receiveRest()
      const frames = splitFrames(bytes)
      expect(frames.slice(0, 20).every((frame) => frame.subarray(-value.length).equals(value))).to.equal(true)
      expect(frames.slice(20)).to.deep.equal([reply(Op.QUIT)])
      expect(ending).to.equal('end of stream')
      expect(server().output).to.equal('')
      observer.close()
    })

    it('by an error comes after the replies before it', async () => {
      const connection = await server().connect()
      await exchange(connection, set('key', 'value'))
      connection.send(Buffer.concat([times(100, request(Op.GET, { key: 'key' })), request(Op.GET)]))
      const { bytes, ending } = await connection.receiveRest()
      const frames = splitFrames(bytes)
      const hit = reply(Op.GET, { extras: uint32(0), value: 'value', cas: frames[0]!.readBigUInt64BE(16) })
      expect(frames.slice(0, 100).every((frame) => frame.equals(hit))).to.equal(true)
      expect(frames.slice(100)).to.deep.equal([reply(Op.GET, { status: 0x04, value: 'Invalid arguments' })])
      expect(ending).to.equal('end of stream')
    })

    it('by a reset disturbs no other client, whatever was under way', async () => {
      const other = await server().connect()
      await exchange(other, set('key', pattern(100_000)))
      for (let n = 0; n < 100; n++) {
        const connection = await server().connect()
        connection.send(times(10, request(Op.GET, { key: 'key' })))
        connection.send(set('half', pattern(1000)).subarray(0, n * 10))
        connection.reset()
      }
      expect(statusOf(await exchange(other, request(Op.GET, { key: 'key' })))).to.equal(0)
      other.close()
    })
  })

for (const { name, over } of WIRES)
  describe(`A client that goes on after it was refused because it has not logged in, over ${name},`, () => {
    const server = useServer(over({ options: ['-S'] }))

    /**
     * Sends a request as soon as it has the reply. Whether it is reset soon when it sends others, at once on a machine that is not
     * busy: a server that reads on would take them for a second.
     */
    async function isReset(): Promise<boolean> {
      const socket = connect({ ...server().address, allowHalfOpen: true, noDelay: true })
      socket.on('error', () => undefined)
      socket.once('data', () => socket.write(request(Op.NOOP)))
      socket.write(request(Op.GET, { key: 'key' }))
      await new Promise((resolve) => socket.once('end', resolve).once('close', resolve))
      let error: unknown
      for (let tries = 0; tries < 30 && !(error instanceof Error); tries++) {
        error = await new Promise((resolve) => socket.write(request(Op.NOOP), resolve))
        await sleep(tries)
      }
      socket.destroy()
      return error instanceof Error
    }

    it('is reset, and what it sends is not taken in', async () => {
      for (let n = 0; n < 50; n++) expect(await isReset(), `connection ${n}`).to.equal(true)
    })
  })
