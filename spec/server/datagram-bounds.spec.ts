import dgram from 'node:dgram'
import { expect } from 'chai'
import { Counter } from '../../lib/metrics/counters.js'
import { completeOptions } from '../../lib/options/complete-options.js'
import { DatagramSocket } from '../../lib/server/datagrams/datagram-socket.js'
import { Datagrams } from '../../lib/server/datagrams/datagrams.js'
import { ClientWithoutSocket } from '../support/client-without-socket.js'
import { DatagramClient } from '../support/datagram-client.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, request } from '../support/frames.js'
import { UnsafeJournal } from '../support/unsafe-journal.js'
import { createWorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const SEND_QUEUE_LENGTH_MAX = 4 * MEGABYTE
const VALUE_LENGTH = 900_000
/** This many replies of that length, with the overhead of each, are 4 MiB at most. */
const HELD_COUNT_MAX = 4

/** A change, and a reply of about the value's length. */
const CHANGE = Buffer.concat([
  request(Op.SET, { key: 'changed', value: 'value', extras: itemExtras() }),
  request(Op.GET, { key: 'long' }),
])

describe('Replies to datagrams that wait for the journal', () => {
  const { worker, store, data } = createWorkerKit({ memoryLength: 8 * MEGABYTE })
  const journal = new UnsafeJournal(store)
  const { waiting } = journal
  let datagrams: Datagrams
  let client: DatagramClient

  before(async () => {
    const value = Buffer.alloc(VALUE_LENGTH, 'v')
    new ClientWithoutSocket(worker).ask(request(Op.SET, { key: 'long', value, extras: itemExtras() }))
    data.journal = journal
    datagrams = await Datagrams.open(worker, completeOptions({ udpPort: 0, listen: [{ host: '127.0.0.1' }] }))
    client = await DatagramClient.open(datagrams.facts[0]!.port)
  })

  after(async () => {
    client.close()
    await datagrams.close()
  })

  /** Makes more changes than replies can be held. Each is made before the next is sent. */
  async function change(): Promise<void> {
    for (let id = 0; id < 2 * HELD_COUNT_MAX; id++) {
      const version = store.latestVersion
      client.send(id, CHANGE)
      expect(await eventually(true, async () => store.latestVersion > version)).to.equal(true)
    }
  }

  it('are held up to 4 MiB; further ones are dropped, until those are sent', async () => {
    await change()
    expect(waiting.map(({ size }) => size)).to.deep.equal(Array(HELD_COUNT_MAX).fill(1))
    for (const waiter of waiting.splice(0)) waiter.committed(false)
    await change()
    expect(waiting.length).to.equal(HELD_COUNT_MAX)
    for (const waiter of waiting.splice(0)) waiter.committed(false)
  })

  it('are not processed while it has no room', async () => {
    const { counters } = worker
    const [version, readCount] = [store.latestVersion, counters.read(Counter.bytes_read)]
    journal.hasRoom = false
    client.send(50, CHANGE)
    expect(await eventually(true, async () => counters.read(Counter.bytes_read) > readCount)).to.equal(true)
    expect(store.latestVersion).to.equal(version)
    journal.hasRoom = true
  })

  it('are sent at once if the changes are safe as soon as they are written, otherwise later', async () => {
    const set = request(Op.SET, { key: 'key', value: 'value', extras: itemExtras() })
    journal.isSynced = true
    expect((await client.ask(100, set)).readUInt16BE(6)).to.equal(0)
    expect(waiting).to.have.length(0)
    journal.isSynced = false
    client.send(101, set)
    expect(await eventually(true, async () => waiting.length > 0)).to.equal(true)
    for (const waiter of waiting.splice(0)) waiter.committed(true)
    const [reply] = await client.receive()
    expect(reply!.readUInt16BE(0)).to.equal(101)
  })
})

describe('A datagram', () => {
  it('is answered by the clock at its arrival', async () => {
    const { worker, clock } = createWorkerKit({ memoryLength: MEGABYTE })
    let refreshedCount = 0
    clock.refresh = () => void refreshedCount++
    const datagrams = await Datagrams.open(
      worker,
      completeOptions({ udpPort: 0, listen: [{ host: '127.0.0.1' }] }),
    )
    const client = await DatagramClient.open(datagrams.facts[0]!.port)
    await client.ask(1, request(Op.NOOP))
    expect(refreshedCount).to.equal(1)
    client.close()
    await datagrams.close()
  })
})

describe('A socket for datagrams', () => {
  const { getSendQueueSize } = dgram.Socket.prototype
  let sockets: DatagramSocket[]
  before(async () => {
    sockets = await DatagramSocket.open('127.0.0.1', 0, () => undefined)
  })
  after(async () => {
    dgram.Socket.prototype.getSendQueueSize = getSendQueueSize
    for (const socket of sockets) await socket.close()
  })

  it('sends nothing to port 0, which no client has', () => {
    expect(sockets[0]!.send(Buffer.from('datagram'), { address: '127.0.0.1', port: 0 })).to.equal(false)
  })

  it('sends nothing once it is closed: a reply may have waited for the journal until then', async () => {
    const [socket] = await DatagramSocket.open('127.0.0.1', 0, () => undefined)
    await socket!.close()
    expect(socket!.send(Buffer.from('datagram'), { address: '127.0.0.1', port: 11211 })).to.equal(false)
  })

  it('sends nothing while over 4 MiB wait for the kernel', () => {
    const socket = sockets[0]!
    const sends = (queueLength: number): boolean => {
      dgram.Socket.prototype.getSendQueueSize = () => queueLength
      return socket.send(Buffer.from('datagram'), { address: '127.0.0.1', port: socket.port })
    }
    expect([0, SEND_QUEUE_LENGTH_MAX].map(sends)).to.deep.equal([true, true])
    expect([SEND_QUEUE_LENGTH_MAX + 1, 2 * SEND_QUEUE_LENGTH_MAX].map(sends)).to.deep.equal([false, false])
  })
})
