/** Items that survive a server of several threads, from outside. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os, { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker as Thread } from 'node:worker_threads'
import { expect } from 'chai'
import { diskFiles } from '../../lib/journal/disk/files.js'
import { parseName } from '../../lib/journal/format/file-header.js'
import { FileKind, RecordKind } from '../../lib/journal/format/format.js'
import { RecordReader } from '../../lib/journal/recovery/record-reader.js'
import { Server } from '../../lib/server/server.js'
import { exchange, statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { DISK_FAULTS } from '../support/disk-faults.js'
import { eventually } from '../support/eventually.js'
import { faultKey } from '../support/fault-points.js'
import { casOf, itemExtras, Op, request, statusOf, valueIn } from '../support/frames.js'
import { FAULTS, FAULTY_PROGRAM } from '../support/program.js'
import { freePort, type ServerProcess, startServer } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { pretendCores, withThreads } from '../support/threads.js'

const THREAD_COUNT = 2
const CONNECTION_COUNT = 4
const CHANGES_AT_ONCE = 20
const PAUSE_MS = 10
const TEMPORARY_FAILURE = 0x86
const EX_SOFTWARE = 70

describe('A server with a data directory and several threads', function () {
  this.slow(5000)
  let folder = ''
  let data = ''
  let server: ServerProcess | undefined
  const connections: Connection[] = []

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepcached-threads-'))
    data = join(folder, 'data')
  })
  afterEach(async () => {
    for (const connection of connections.splice(0)) connection.close()
    await server?.stop('SIGKILL')
    rmSync(folder, { recursive: true })
  })

  async function start(
    threadCount: number,
    options: readonly string[],
    preloaded: readonly string[] = [],
  ): Promise<ServerProcess> {
    const given = withThreads(threadCount, ['--data', data, ...options])
    const NODE_OPTIONS = [
      given.environment!['NODE_OPTIONS'],
      ...preloaded.map((url) => `--import=${url}`),
    ].join(' ')
    const environment = { ...given.environment!, NODE_OPTIONS, DISK_FAULT: join(folder, 'fault') }
    const command = preloaded.includes(FAULTS) ? FAULTY_PROGRAM : undefined
    server = await startServer({ ...given, ...(command && { command }), environment })
    for (const connection of connections.splice(0)) connection.close()
    // Each goes to the thread with the fewest.
    for (let count = 0; count < CONNECTION_COUNT; count++) connections.push(await server.connect())
    return server
  }

  const set = (connection: Connection, key: string, value: string): Promise<Buffer> =>
    exchange(connection, request(Op.SET, { key, value, extras: itemExtras() }))

  async function get(key: string, connection = connections[0]!): Promise<string | undefined> {
    const reply = await exchange(connection, request(Op.GET, { key }))
    return statusOf(reply) === 0 ? valueIn(reply).toString('latin1') : undefined
  }

  const journals = (): string[] => readdirSync(data).filter((name) => name.startsWith('journal-'))

  /** Sets keys over all connections. Returns the keys and their values. */
  async function fill(name: string): Promise<Map<string, string>> {
    const filled = new Map<string, string>()
    await Promise.all(
      connections.map(async (connection, index) => {
        for (let round = 0; round < 20; round++) {
          const [key, value] = [`${name} ${index} ${round}`, `value ${round} of ${index}`]
          expect(statusOf(await set(connection, key, value))).to.equal(0)
          filled.set(key, value)
        }
        const [key, value] = [`${name} long ${index}`, `${index}`.repeat(300_000)]
        await set(connection, key, value)
        filled.set(key, value)
      }),
    )
    return filled
  }

  async function expectAll(filled: ReadonlyMap<string, string>): Promise<void> {
    for (const [key, value] of filled) expect((await get(key)) === value, key).to.equal(true)
  }

  // An orderly end syncs everything, whatever --fsync says.
  for (const [fsync, signals] of [
    ['always', ['SIGKILL']],
    ['everysec', ['SIGKILL', 'SIGTERM', 'SIGUSR1']],
    ['no', ['SIGKILL', 'SIGTERM']],
  ] as const)
    it(`has its items again after ${signals.join(', ')}, whichever thread stored them, fsync ${fsync}`, async () => {
      let running = await start(THREAD_COUNT, ['--fsync', fsync])
      expect(journals()).to.have.length(THREAD_COUNT)
      for (const signal of signals) {
        const filled = await fill(`before ${signal}`)
        await running.stop(signal)
        running = await start(THREAD_COUNT, ['--fsync', fsync])
        await expectAll(filled)
      }
    })

  it('ends every journal in an orderly way, by a signal or by a client', async () => {
    for (const isByClient of [false, true]) {
      const running = await start(THREAD_COUNT, ['-A'])
      const filled = await fill('key')
      if (isByClient) {
        const connection = await running.connect()
        connection.send(line('shutdown'))
        await connection.receiveRest()
      } else {
        await running.stop('SIGTERM')
      }
      await eventually(false, async () => running.isRunning)
      expect(journals().map(lastRecordOf)).to.deep.equal([RecordKind.CLOSED, RecordKind.CLOSED])
      expect(existsSync(join(data, 'lock'))).to.equal(false)
      await start(THREAD_COUNT, [])
      const all = await statistics(connections[0]!, 'journal')
      expect(all.get('torn_files')).to.equal('0')
      await expectAll(filled)
      await server?.stop()
    }
  })

  const lastRecordOf = (name: string): number => {
    const reader = new RecordReader(diskFiles, data, parseName(name)!)
    while (reader.next());
    reader.close()
    return reader.record.kind
  }

  it('ends in an orderly way with datagrams, too', async () => {
    const running = await start(THREAD_COUNT, ['-U', `${await freePort()}`])
    const filled = await fill('key')
    expect(await running.stop('SIGTERM')).to.equal(0)
    expect(running.output).to.equal('')
    await start(THREAD_COUNT, [])
    await expectAll(filled)
  })

  it('keeps its items with snapshots only after an orderly end', async () => {
    const before = await start(THREAD_COUNT, ['--snapshot-only'])
    const filled = await fill('key')
    expect(journals()).to.deep.equal([])
    await before.stop('SIGTERM')
    await start(THREAD_COUNT, ['--snapshot-only'])
    await expectAll(filled)
  })

  it('may have another -t at each start, and uses no cas twice', async () => {
    const casSeen = new Set<bigint>()
    const filled = new Map<string, string>()
    let setCount = 0
    for (const [round, threadCount] of [3, 1, 2].entries()) {
      const running = await start(threadCount, ['--fsync', 'no'])
      await expectAll(filled)
      for (const [key, value] of await fill(`round ${round}`)) filled.set(key, value)
      for (const connection of connections) {
        casSeen.add(casOf(await set(connection, 'same', `${round}`)))
        setCount++
      }
      filled.set('same', `${round}`)
      await running.stop(round % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
    }
    await start(2, [])
    await expectAll(filled)
    expect(casSeen.size).to.equal(setCount)
  })

  it('takes snapshots while all threads change the same keys, and loses nothing', async () => {
    const running = await start(THREAD_COUNT, ['--snapshot-interval', '1'])
    const snapshots = async () => Number((await statistics(connections[3]!, 'journal')).get('snapshots')) >= 2
    const counts = [0, 0, 0]
    let isOver = false
    const loads = counts.map(async (_, index) => {
      while (!isOver) {
        await set(connections[index]!, 'contended', `${index} ${counts[index]}`)
        await set(connections[index]!, `own ${index} ${counts[index]! % 5000}`, `${counts[index]}`)
        counts[index]!++
        // Not as fast as they can, for two seconds: the snapshots are taken every second.
        if (counts[index]! % CHANGES_AT_ONCE === 0) await sleep(PAUSE_MS)
      }
    })
    expect(await eventually(true, snapshots)).to.equal(true)
    isOver = true
    await Promise.all(loads)
    const contended = await get('contended')
    await running.stop('SIGKILL')
    await start(THREAD_COUNT, [])
    expect(await get('contended')).to.equal(contended)
    for (const [index, count] of counts.entries())
      for (let round = Math.max(0, count - 5000); round < count; round++)
        expect(await get(`own ${index} ${round % 5000}`)).to.equal(`${round}`)
    expect(readdirSync(data).some((name) => parseName(name)?.kind === FileKind.SNAPSHOT)).to.equal(true)
  })

  it('shows the same statistics of its journals on every connection, and in the text protocol', async () => {
    const running = await start(THREAD_COUNT, ['--fsync', 'always'])
    await fill('key')
    const told = await Promise.all(connections.map((connection) => statistics(connection, 'journal')))
    for (const all of told) {
      expect(Number(all.get('writes'))).to.be.at.least(2)
      expect(Number(all.get('written_bytes'))).to.be.above(CONNECTION_COUNT * 300_000)
      expect([...all]).to.deep.equal([...told[0]!])
    }
    const connection = await running.connect()
    connection.send(Buffer.concat(['stats journal', 'quit'].map(line)))
    const { bytes } = await connection.receiveRest()
    expect(bytes.toString()).to.match(/^STAT mode always\r\nSTAT state ok\r\n(STAT \w+ \w+\r\n)+END\r\n$/)
  })

  it('refuses changes in all threads when the disk fails one, and accepts them again after a snapshot', async () => {
    await start(THREAD_COUNT, ['--fsync', 'always'], [DISK_FAULTS])
    const filled = await fill('key')
    const sign = join(folder, 'fault')
    // A snapshot of the thread that started the server fails, too.
    writeFileSync(sign, 'all')
    const [victim, ...others] = connections
    victim!.send(request(Op.SET, { key: 'lost', value: 'x', extras: itemExtras() }))
    expect((await victim!.receiveRest()).bytes.length).to.equal(0)
    for (const connection of others)
      expect(statusOf(await set(connection, 'refused', 'x'))).to.equal(TEMPORARY_FAILURE)
    expect((await statistics(others[0]!, 'journal')).get('state')).to.equal('refusing changes')
    connections.shift()
    await expectAll(filled)
    rmSync(sign)
    expect(await eventually(0, async () => statusOf(await set(others[0]!, 'taken', 'x')))).to.equal(0)
    for (const connection of others) expect(statusOf(await set(connection, 'taken', 'y'))).to.equal(0)
    await server?.stop('SIGKILL')
    await start(THREAD_COUNT, [])
    await expectAll(new Map([...filled, ['taken', 'y']]))
    expect(await get('refused')).to.equal(undefined)
  })

  it('recovers by itself when the disk has failed one worker alone, and logs it', async () => {
    const running = await start(THREAD_COUNT, ['--fsync', 'always'], [DISK_FAULTS])
    const sign = join(folder, 'fault')
    for (const worker of [0, 1]) {
      const before = running.output.length
      const logged = () => running.output.slice(before)
      writeFileSync(sign, `${worker}`)
      for (const connection of connections)
        connection.send(request(Op.SET, { key: 'key', value: 'x', extras: itemExtras() }))
      await eventually(true, async () => logged().includes('the journal has failed'))
      rmSync(sign)
      await eventually(true, async () => logged().includes('changes are taken again'))
      expect(logged()).to.match(/the journal has failed: EIO.*\n(.*\n)*.*: changes are taken again\n$/)
      for (const connection of connections.splice(0)) connection.close()
      for (let count = 0; count < CONNECTION_COUNT; count++) connections.push(await running.connect())
      for (const connection of connections)
        expect(statusOf(await set(connection, 'key', 'value'))).to.equal(0)
    }
  })

  it('leaves what a kill would leave when a thread dies, and logs it', async () => {
    const running = await start(THREAD_COUNT, ['--fsync', 'no'], [FAULTS])
    const filled = await fill('key')
    const before = journals()
    connections[0]!.send(request(Op.GETQ, { key: faultKey('throw', 'with a stripe locked') }))
    for (let round = 0; round < 1000 && running.isRunning; round++)
      connections[0]!.send(request(Op.SETQ, { key: `more ${round}`, value: 'x', extras: itemExtras() }))
    await eventually(false, async () => running.isRunning)
    expect(await running.stop()).to.equal(EX_SOFTWARE)
    expect(running.output).to.match(/^\d+\nkeepcached: worker \d has failed: a fault made for a spec\n$/)
    expect(journals()).to.deep.equal(before)
    await start(THREAD_COUNT, [])
    await expectAll(filled)
  })
})

describe("When a thread dies in a program's server that keeps its items", () => {
  const cores = os.availableParallelism()
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-threads-'))
  const options = { port: 0, workers: 2, memoryMegabytes: 16, dataDirectory: join(folder, 'data') }
  before(() => pretendCores(2))
  after(() => {
    pretendCores(cores)
    rmSync(folder, { recursive: true })
  })

  it('the directory is free once the server has stopped, and another server has the items again', async function () {
    this.slow(3000)
    const made: Thread[] = []
    const note = (thread: Thread) => made.push(thread)
    process.on('worker', note)
    const server = await Server.start(options)
    process.off('worker', note)
    const connection = await Connection.open({ host: server.host, port: server.port })
    await exchange(connection, request(Op.SET, { key: 'key', value: 'value', extras: itemExtras() }))
    await made[1]!.terminate()
    expect((await server.failed).message).to.equal('worker 1 has ended')
    await server.stop()
    connection.close()
    expect(made.map(({ threadId }) => threadId)).to.deep.equal([-1, -1])
    expect(existsSync(join(folder, 'data', 'lock'))).to.equal(false)

    await using next = await Server.start(options)
    const asking = await Connection.open({ host: next.host, port: next.port })
    expect(valueIn(await exchange(asking, request(Op.GET, { key: 'key' }))).toString()).to.equal('value')
    asking.close()
  })

  it('a server that cannot listen leaves no unused journal behind', async () => {
    await using server = await Server.start({ ...options, dataDirectory: null })
    const other = Server.start({ ...options, port: server.port, dataDirectory: join(folder, 'other') })
    const error = await other.then(
      () => undefined,
      (reason: Error) => reason.message,
    )
    expect(error).to.match(/in use/)
    expect(readdirSync(join(folder, 'other'))).to.deep.equal([])
  })
})
