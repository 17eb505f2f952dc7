import { expect } from 'chai'
import { exchange, receiveFrame, statistics } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { useServer } from '../support/server.js'

const OLD = pattern(900_000, 1)
const NEW = pattern(700_000, 2)
const set = (key: string, value: Buffer) => request(Op.SET, { key, value, extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })

describe('A large value', () => {
  const server = useServer()
  let reader: Connection
  let writer: Connection
  beforeEach(async () => {
    reader = await server().connect()
    writer = await server().connect()
    await exchange(writer, set('key', OLD))
  })
  afterEach(() => {
    reader.close()
    writer.close()
  })

  /** More gets than the buffers to a paused reader can hold: it stops in the middle of a value. */
  const GET_COUNT = 40

  const getCount = async () => Number((await statistics(writer)).get('cmd_get'))

  async function readWhile(change: () => Promise<void>): Promise<string[]> {
    reader.pause()
    const before = await getCount()
    reader.send(Buffer.concat(Array.from({ length: GET_COUNT }, () => get('key'))))
    expect(await eventually(true, async () => (await getCount()) > before)).to.equal(true)
    await change()
    reader.resume()
    const seen: string[] = []
    for (let n = 0; n < GET_COUNT; n++) {
      const frame = await receiveFrame(reader)
      seen.push(nameOf(frame))
    }
    return seen
  }

  function nameOf(frame: Buffer): string {
    if (statusOf(frame) === 1) return 'missing'
    if (valueIn(frame).equals(OLD)) return 'old'
    return valueIn(frame).equals(NEW) ? 'new' : 'damaged'
  }

  /** Reads some of the first and then only of the second, and at least one of each. */
  function expectOneAfterTheOther(seen: string[], first: string, second: string): void {
    const change = seen.indexOf(second)
    expect(change).to.be.greaterThan(0)
    expect(new Set(seen.slice(0, change))).to.deep.equal(new Set([first]))
    expect(new Set(seen.slice(change))).to.deep.equal(new Set([second]))
  }

  it('that is replaced while it is being read is sent to the end unchanged', async () => {
    const seen = await readWhile(async () => {
      await exchange(writer, set('key', NEW))
    })
    expectOneAfterTheOther(seen, 'old', 'new')
  })

  it('that is deleted while it is being read is sent to the end, even if its room is wanted', async () => {
    const seen = await readWhile(async () => {
      await exchange(writer, request(Op.DELETE, { key: 'key' }))
      for (let n = 0; n < 150; n++) await exchange(writer, set(`other ${n}`, NEW))
    })
    expectOneAfterTheOther(seen, 'old', 'missing')
  })

  it('that is overwritten again and again while it is being read is never a mixture', async () => {
    const seen = await readWhile(async () => {
      for (let n = 0; n < 50; n++) await exchange(writer, set('key', n % 2 === 0 ? NEW : OLD))
      await exchange(writer, set('key', NEW))
    })
    expect([seen[0], seen.at(-1)]).to.deep.equal(['old', 'new'])
    expect([...new Set(seen)]).to.have.members(['old', 'new'])
  })

  it('that is being written is not visible before it is complete', async () => {
    const request = set('key', NEW)
    await writer.sendAll(request.subarray(0, 500_000))
    for (let n = 0; n < 10; n++) expect(nameOf(await exchange(reader, get('key')))).to.equal('old')
    writer.send(request.subarray(500_000))
    expect(statusOf(await receiveFrame(writer))).to.equal(0)
    expect(nameOf(await exchange(reader, get('key')))).to.equal('new')
  })

  it('that two clients write at once is that of the client that ends last', async () => {
    const [first, second] = [set('key', NEW), set('key', OLD)]
    await writer.sendAll(first.subarray(0, 300_000))
    await reader.sendAll(second.subarray(0, 300_000))
    await writer.sendAll(first.subarray(300_000, 600_000))
    expect(statusOf(await exchange(reader, second.subarray(300_000)))).to.equal(0)
    expect(statusOf(await exchange(writer, first.subarray(600_000)))).to.equal(0)
    expect(nameOf(await exchange(reader, get('key')))).to.equal('new')
  })

  it('may be deleted while another is being written in its place', async () => {
    const begun = set('key', NEW)
    await writer.sendAll(begun.subarray(0, 500_000))
    expect(statusOf(await exchange(reader, request(Op.DELETE, { key: 'key' })))).to.equal(0)
    expect(nameOf(await exchange(reader, get('key')))).to.equal('missing')
    expect(statusOf(await exchange(writer, begun.subarray(500_000)))).to.equal(0)
    expect(nameOf(await exchange(reader, get('key')))).to.equal('new')
  })

  it('that arrives while all items are flushed is not flushed with them', async () => {
    const begun = set('key', NEW)
    await writer.sendAll(begun.subarray(0, 500_000))
    await exchange(reader, request(Op.FLUSH))
    expect(statusOf(await exchange(writer, begun.subarray(500_000)))).to.equal(0)
    expect(nameOf(await exchange(reader, get('key')))).to.equal('new')
  })
})
