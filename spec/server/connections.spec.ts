/** The connections of a worker, over sockets: which one is closed when there is no window, and how all of them end. */
import { once } from 'node:events'
import net from 'node:net'
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Counter } from '../../lib/metrics/counters.js'
import { Connections } from '../../lib/server/workers/connections.js'
import { Log } from '../../lib/server/workers/log.js'
import { eventually } from '../support/eventually.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
/** A worker reads into one, and writes replies into two. */
const OWN_WINDOW_COUNT = 3
/** Forty replies of it are more than sockets of the loopback hold. */
const LONG_LENGTH = 900_000
/** A line has no more windows than half of all. */
const WINDOW_COUNT = 12
const HALF = 'get half'
/** A line of keys that fills a window and continues in the next one. */
const LONG_HALF = `get ${'a-key-of-a-long-line '.repeat(2500)}`

class LogByHand extends Log {
  private readonly lines: string[]

  constructor(lines: string[]) {
    super(Arena.create(Log.regionLength()), 2)
    this.lines = lines
  }

  override say(level: number, message: string): void {
    this.lines.push(`${level} ${message}`)
  }
}

class Served {
  readonly kit: WorkerKit
  readonly connections: Connections
  readonly logged: string[] = []
  endedCount = 0
  private readonly server = net.createServer()
  private readonly clients: net.Socket[] = []
  private count = 0

  constructor(windowCount: number) {
    const protocol = 'ascii'
    this.kit = createWorkerKit({
      ...{ memoryLength: 16 * MEGABYTE, protocol },
      windowCount: OWN_WINDOW_COUNT + windowCount,
    })
    const log = new LogByHand(this.logged)
    const onEnded = () => void this.endedCount++
    this.connections = new Connections(this.kit.worker, {
      ...{ listening: [], log, idleTimeoutSeconds: 0, replyMsMax: 0, onEnded },
    })
    this.server.on('connection', (socket) => this.connections.serve(socket, ++this.count, 0))
  }

  async connect(): Promise<net.Socket> {
    if (!this.server.listening) await once(this.server.listen(0, '127.0.0.1'), 'listening')
    const { port } = this.server.address() as net.AddressInfo
    const client = net.connect(port, '127.0.0.1')
    client.on('error', () => undefined)
    this.clients.push(client)
    const { count } = this
    await once(client, 'connect')
    await this.until(() => this.count > count)
    return client
  }

  /** A client that has sent something, which the worker has seen. */
  async sending(text: string): Promise<net.Socket> {
    const { counters } = this.kit.worker
    const client = await this.connect()
    const before = counters.read(Counter.bytes_read)
    client.write(text)
    await this.until(() => counters.read(Counter.bytes_read) - before >= text.length)
    return client
  }

  async until(isSo: () => boolean): Promise<void> {
    expect(await eventually(true, async () => isSo())).to.equal(true)
  }

  get droppedCount(): number {
    return this.kit.worker.counters.read(Counter.read_buf_oom)
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy()
    await this.connections.end()
    this.server.close()
  }
}

describe('When there is no window for a connection', () => {
  let served: Served
  afterEach(() => served.close())

  it('the one that holds most is closed, even if others have been silent for longer', async () => {
    served = new Served(WINDOW_COUNT)
    const { clock, worker } = served.kit
    const others = [await served.sending(HALF)]
    clock.advance(100)
    const largest = await served.sending(LONG_HALF)
    while (!worker.pool.isEmpty) others.push(await served.sending(HALF))
    expect(others).to.have.length(WINDOW_COUNT - 2)
    others.push(await served.sending(HALF))
    await served.until(() => largest.closed)
    expect(others.filter(({ closed }) => closed)).to.deep.equal([])
    expect(served.droppedCount).to.equal(1)
  })

  it('the one that has been silent for longest is closed, of several that hold as much', async () => {
    served = new Served(3)
    const { clock } = served.kit
    const clients: net.Socket[] = []
    for (let number = 0; number < 3; number++) {
      clients.push(await served.sending(HALF))
      clock.advance(10)
    }
    clients[0]!.write('-')
    const { counters } = served.kit.worker
    const all = 3 * HALF.length + 1
    await served.until(() => counters.read(Counter.bytes_read) === all)
    const last = await served.sending(HALF)
    await served.until(() => clients[1]!.closed)
    expect([clients[0]!, clients[2]!, last].map(({ closed }) => closed)).to.deep.equal([false, false, false])
    expect(served.droppedCount).to.equal(1)
  })
})

describe('The connection that is being served', () => {
  it('gets a window only of a connection that holds more than itself', async () => {
    const kit = createWorkerKit({ memoryLength: MEGABYTE, protocol: 'ascii', windowCount: 20 })
    const log = new LogByHand([])
    const onEnded = () => undefined
    const connections = new Connections(kit.worker, {
      listening: [],
      log,
      idleTimeoutSeconds: 0,
      replyMsMax: 0,
      onEnded,
    })
    const wires = [LONG_HALF, LONG_HALF, HALF].map((text, index) => {
      const wire = new WireByHand(kit.worker, index + 1)
      connections['connections'].add(wire.connection)
      wire.receive(text)
      return wire
    })
    const destroyed = () => wires.map(({ isDestroyed }) => isDestroyed)
    const windowCounts = wires.map(({ connection }) => connection.windowCount)
    expect(windowCounts).to.deep.equal([2, 2, 1])
    const { pool, request } = kit.worker
    while (!pool.isEmpty) pool.take()
    request.session = wires[0]!.connection.session
    expect([pool.take(), destroyed()]).to.deep.equal([undefined, [false, false, false]])
    request.session = wires[2]!.connection.session
    expect(pool.take()).not.to.equal(undefined)
    expect(destroyed()).to.deep.equal([true, false, false])
    connections['connections'].clear()
    await connections.end()
  })
})

describe('All connections of a worker', () => {
  it('are counted, logged and freed when they end', async () => {
    const served = new Served(10)
    const first = await served.sending('version\r\n')
    await served.connect()
    expect(served.kit.worker.counters.read(Counter.total_connections)).to.equal(2)
    const shown = Object.fromEntries(served.kit.worker.table.statistics(0))
    expect(shown['1:addr']).to.equal(`tcp:127.0.0.1:${first.localPort}`)
    expect(shown['1:listen_addr']).to.equal(`tcp:127.0.0.1:${first.remotePort}`)
    first.end()
    await served.until(() => served.endedCount === 1)
    expect(served.logged.join('\n')).to.contain('2 connection 1 is new')
    expect(served.logged.at(-1)).to.contain('2 connection 1 has ended')
    await served.close()
    expect(served.endedCount).to.equal(2)
  })

  it('have a short time to read their replies when the server stops, and are closed then', async function () {
    this.slow(2000)
    const served = new Served(100)
    const store = `set long 0 0 ${LONG_LENGTH}\r\n${'x'.repeat(LONG_LENGTH)}\r\n`
    await served.sending(store)
    // It never reads.
    const silent = await served.sending('get long\r\n'.repeat(40))
    silent.pause()
    const { table } = served.kit.worker
    await served.until(() => Object.fromEntries(table.statistics(0))['2:state'] === 'conn_mwrite')
    const began = performance.now()
    await served.connections.end()
    expect(performance.now() - began).to.be.above(250)
    await served.until(() => served.endedCount === 2)
    await served.close()
  })
})
