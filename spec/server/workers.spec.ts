import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import os, { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Worker as Thread } from 'node:worker_threads'
import { expect } from 'chai'
import type { ServerOptions } from '../../lib/options/table/options.js'
import { Server } from '../../lib/server/server.js'
import { exchange, statistic, statistics } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { eventually } from '../support/eventually.js'
import { itemExtras, Op, reply, request, statusOf } from '../support/frames.js'
import { MAIN } from '../support/program.js'
import { isAccepting, runServer, spawnServer, startServer } from '../support/server.js'
import { pretendCores, withThreads } from '../support/threads.js'

const NOOP = request(Op.NOOP)
const TOO_MANY = Buffer.from('ERROR Too many open connections\r\n')
const cores = os.availableParallelism()

/** A server in this process, so that the spec can see which thread serves what. */
async function serving(options: Partial<ServerOptions>, use: (server: Server) => Promise<void>) {
  pretendCores(options.workers ?? cores)
  const server = await Server.start({ port: 0, memoryMegabytes: 16, ...options })
  try {
    await use(server)
  } finally {
    pretendCores(cores)
    await server.stop()
  }
}

const placeOf = ({ options: { socketPath }, host, port }: Server) =>
  socketPath === null ? { host, port } : { path: socketPath }

/** Connections that are opened at once, and have all been answered. */
async function connectMany(server: Server, count: number): Promise<Connection[]> {
  const opening = Array.from({ length: count }, () => Connection.open(placeOf(server)))
  const connections = await Promise.all(opening)
  await Promise.all(connections.map((connection) => exchange(connection, NOOP)))
  return connections
}

const close = (connections: readonly Connection[]) => {
  for (const connection of connections) connection.close()
}

/** How many connections each thread has. */
const spreadOf = (server: Server): number[] =>
  Array.from({ length: server.options.workers }, (_, worker) => server['worker'].table.counts.of(worker))

const countOf = (server: Server): number => spreadOf(server).reduce((sum, count) => sum + count)

/** How many of them are in `stats conns`: closing ones are shown until they are closed. */
const shownBy = (server: Server): number => server['worker'].table.statistics(0).length

function expectEven(spread: readonly number[], count: number): void {
  expect(spread.reduce((sum, each) => sum + each)).to.equal(count)
  expect(Math.max(...spread) - Math.min(...spread), spread.join('/')).to.be.at.most(2)
}

/** The numbers of the connections in the order of `stats conns`, without those of the listeners. */
async function numbersOf(connection: Connection): Promise<number[]> {
  const lines = [...(await statistics(connection, 'conns'))]
  const states = lines.filter(([name, value]) => name.endsWith(':state') && value !== 'conn_listening')
  return states.map(([name]) => Number.parseInt(name, 10))
}

describe('Connections to a server with several threads', () => {
  // No divisor of the numbers of connections: the rest of the division is distributed too.
  const workers = 3
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-spec-'))
  after(() => rmSync(folder, { recursive: true }))

  for (const [transport, socketPath] of [
    ['TCP', null],
    ['a unix socket', join(folder, 'socket')],
  ] as const)
    it(`over ${transport} are distributed evenly, also when those of one thread have ended`, async () => {
      await serving({ workers, socketPath, connectionsMax: 200 }, async (server) => {
        const connections = await connectMany(server, 200)
        expectEven(spreadOf(server), 200)

        const left = connections.filter((_, index) => index % workers !== 0)
        close(connections.filter((_, index) => index % workers === 0))
        await eventually(left.length, async () => countOf(server))
        const others = await connectMany(server, 200 - left.length)
        expectEven(spreadOf(server), 200)
        close([...left, ...others])
        // Each thread subtracts its own: the sum is 0 only if each connection arrived at the thread for which it
        // was counted.
        const nobody = spreadOf(server).fill(0)
        await eventually(`${nobody}`, async () => `${spreadOf(server)}`)
        expect(spreadOf(server)).to.deep.equal(nobody)
      })
    })

  it('are as many as -c allows, and those beyond get an error', async () => {
    await serving({ workers, connectionsMax: 41 }, async (server) => {
      const connections = await connectMany(server, 40)
      const late = await Promise.all(Array.from({ length: 20 }, () => Connection.open(placeOf(server))))
      for (const connection of late) connection.send(NOOP)
      const answers = await Promise.all(late.map((each) => each.receiveUntilOrEnd(reply(Op.NOOP))))
      const refused = answers.filter(({ ending }) => ending !== undefined)
      expect(refused.map(({ bytes }) => `${bytes}`)).to.deep.equal(Array(19).fill(`${TOO_MANY}`))
      expect(await statistic(connections[0]!, 'rejected_connections')).to.equal(19)

      close(connections.splice(20))
      await eventually(21, async () => countOf(server))
      connections.push(...(await connectMany(server, 20)))
      const oneMore = await Connection.open(placeOf(server))
      expect((await oneMore.receiveRest()).bytes).to.deep.equal(TOO_MANY)
      close([...connections, ...late, oneMore])
    })
  })

  it('beyond the limit wait for others to end, with no_maxconns_fast', async () => {
    await serving({ workers, connectionsMax: 40, maxconnsFast: false }, async (server) => {
      const connections = await connectMany(server, 40)
      const late = await Promise.all(Array.from({ length: 20 }, () => Connection.open(placeOf(server))))
      const answers = late.map((connection) => exchange(connection, NOOP))
      // A round trip on each of the others, after which the waiting ones still have no answer.
      for (const connection of connections) await exchange(connection, NOOP)
      expect(await Promise.race([...answers, 'nothing'])).to.equal('nothing')
      expect(countOf(server)).to.equal(40)
      close(connections.splice(0, 20))
      await Promise.all(answers)
      expect(countOf(server)).to.equal(40)
      close([...connections, ...late])
    })
  })

  it('have numbers that rise, and are all in `stats conns`', async () => {
    await serving({ workers }, async (server) => {
      const first = await connectMany(server, 20)
      const firstNumbers = await numbersOf(first[0]!)
      expect(new Set(firstNumbers).size).to.equal(20)
      close(first)
      await eventually(0, async () => countOf(server))
      await eventually(0, async () => shownBy(server))

      const connections: Connection[] = []
      const numbers: number[] = []
      for (let count = 1; count <= 10; count++) {
        connections.push(...(await connectMany(server, 1)))
        numbers.push(Math.max(firstNumbers.at(-1)!, ...numbers) + 1)
        for (const connection of connections)
          expect(await numbersOf(connection), 'on any connection').to.deep.equal(numbers)
      }
      const lines = await statistics(connections[0]!, 'conns')
      for (const number of numbers) {
        expect(lines.get(`${number}:addr`)).to.match(/^tcp:127\.0\.0\.1:\d+$/)
        expect(lines.get(`${number}:listen_addr`)).to.equal(`tcp:${server.host}:${server.port}`)
      }
      close(connections)
    })
  })

  it('are closed in an orderly way when the server stops, on every thread', async () => {
    const server = await startServer(withThreads(workers))
    const connections = await Promise.all(Array.from({ length: 20 }, () => server.connect()))
    for (const connection of connections) await exchange(connection, NOOP)
    const set = request(Op.SET, { key: 'key', value: 'v'.repeat(1000), extras: itemExtras() })
    for (const connection of connections.slice(10)) await connection.sendAll(set.subarray(0, 500))
    const begin = performance.now()
    expect(await server.stop()).to.equal(0)
    expect(performance.now() - begin).to.be.lessThan(1000)
    const endings = await Promise.all(connections.map((connection) => connection.receiveRest()))
    for (const { bytes } of endings) expect(bytes).to.have.length(0)
    expect(await isAccepting(server.address)).to.equal(false)
    expect(server.output).to.equal('')
    close(connections)
  })
})

describe('The threads of a server', () => {
  /** The threads that are started meanwhile. */
  async function threadsMadeBy(work: () => Promise<void>): Promise<number> {
    const made: Thread[] = []
    const note = (thread: Thread) => made.push(thread)
    process.on('worker', note)
    await work()
    process.off('worker', note)
    return made.length
  }

  it("are the program's own thread alone, unless it asks for more", async () => {
    expect(await threadsMadeBy(() => serving({}, async () => undefined))).to.equal(0)
    expect(await threadsMadeBy(() => serving({ workers: 2 }, async () => undefined))).to.equal(2)
  })

  it('are no more than there are cores, while the statistics show how many were asked for', async () => {
    const madeCount = await threadsMadeBy(() =>
      serving({ workers: 4 }, async (first) => {
        pretendCores(2)
        const server = await Server.start({ port: 0, workers: 4, memoryMegabytes: 16 })
        for (const each of [first, server]) {
          const connection = await Connection.open(placeOf(each))
          expect((await statistics(connection)).get('threads')).to.equal('4')
          expect((await statistics(connection, 'settings')).get('num_threads')).to.equal('4')
          connection.close()
        }
        await server.stop()
      }),
    )
    expect(madeCount).to.equal(4 + 2)
  })

  it('are no more than the memory has room for: each takes sixteen segments', async () => {
    const madeBy = (memoryMegabytes: number) =>
      threadsMadeBy(() =>
        serving({ workers: 4, memoryMegabytes }, async (server) => {
          const connections = await connectMany(server, 8)
          const set = request(Op.SET, { key: 'key', value: 'v', extras: itemExtras() })
          for (const connection of connections) expect(statusOf(await exchange(connection, set))).to.equal(0)
          close(connections)
        }),
      )
    expect(await madeBy(1)).to.equal(0)
    expect(await madeBy(2)).to.equal(2)
  })

  it('start in a program that has flags of V8', async () => {
    const command = [process.execPath, '--max-old-space-size=512', MAIN]
    const server = await startServer({ ...withThreads(2), command })
    const connection = await server.connect()
    expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
    connection.close()
    await server.stop()
  })

  it('are one where connections cannot be handed over, with a log line', async () => {
    const { options, environment } = withThreads(4)
    const noBinding = '--import=data:text/javascript,process.binding=()=>{throw(new(Error))}'
    const NODE_OPTIONS = `${environment!['NODE_OPTIONS']} ${noBinding}`
    const server = await startServer({ options: options!, environment: { ...environment, NODE_OPTIONS } })
    const connection = await server.connect()
    expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
    connection.close()
    await server.stop()
    expect(server.output).to.equal(
      'keepcached: this Node cannot give connections to other threads: one thread serves all connections\n',
    )
  })

  /** The log, and the number of threads besides those of every Node, with this temporary directory. */
  async function servedWithout(
    folder: string,
    preloaded = '',
  ): Promise<{ said: string; threadCount: number }> {
    const threadCount = async (count: number) => {
      const { options, environment } = withThreads(count)
      const NODE_OPTIONS = `${environment!['NODE_OPTIONS']} ${preloaded}`
      const server = await startServer({
        options: options!,
        environment: { ...environment, NODE_OPTIONS, TMPDIR: folder },
      })
      const connection = await server.connect()
      expect(statusOf(await exchange(connection, NOOP))).to.equal(0)
      connection.close()
      const found = readdirSync(`/proc/${server.pid}/task`).length
      await server.stop()
      return { said: server.output, found }
    }
    const [one, two] = [await threadCount(1), await threadCount(2)]
    return { said: two.said, threadCount: two.found - one.found }
  }

  it('need no temporary directory: shared memory has one, even if the file system is read-only', async () => {
    // No user can create a directory there, not even root.
    for (const folder of ['/proc', '/proc/self/fdinfo', join(tmpdir(), 'x'.repeat(100))])
      expect(await servedWithout(folder)).to.deep.equal({ said: '', threadCount: 2 })
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith('keepcached-'))).to.deep.equal([])
  })

  it('are one where there is no such directory at all, with a log line', async () => {
    const noFolder = encodeURIComponent(`
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      fs.mkdtempSync = () => { throw new Error('read-only') }
      syncBuiltinESMExports()`)
    expect(await servedWithout('/proc', `--import=data:text/javascript,${noFolder}`)).to.deep.equal({
      said: 'keepcached: no pipes for threads can be created in /proc or /dev/shm: one thread serves all connections\n',
      threadCount: 0,
    })
  })

  it('create one directory for a start, and leave none behind if that fails', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-once-'))
    const counted = encodeURIComponent(`
      import fs from 'node:fs'
      import { syncBuiltinESMExports } from 'node:module'
      const { mkdtempSync } = fs
      fs.mkdtempSync = (prefix) => {
        process.stderr.write('created\\n')
        return mkdtempSync(prefix)
      }
      syncBuiltinESMExports()`)
    const { options, environment } = withThreads(2)
    const NODE_OPTIONS = `${environment!['NODE_OPTIONS']} --import=data:text/javascript,${counted}`
    const given = { ...environment, NODE_OPTIONS, TMPDIR: folder }
    const server = await startServer({ options: options!, environment: given })
    expect(await server.stop()).to.equal(0)
    expect(server.output).to.equal('created\n')
    const { stderr } = await runServer([...options!, '-Y', join(folder, 'missing')], { environment: given })
    expect(stderr).to.match(/^created\nkeepcached: -Y: .*\n$/)
    expect(readdirSync(folder)).to.deep.equal([])
    rmSync(folder, { recursive: true })
  })

  it('leave no directory behind in a program that runs on after a failed start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-failed-'))
    const { TMPDIR } = process.env
    process.env['TMPDIR'] = folder
    try {
      await serving({ workers: 2 }, async ({ port }) => {
        expect(readdirSync(folder), 'while threads serve').to.deep.equal([])
        for (const options of [{ port }, { port: 0, loginFile: join(folder, 'missing') }]) {
          const error = await Server.start({ ...options, workers: 2 }).catch((reason: unknown) => reason)
          expect(error).to.be.an('error')
          expect(readdirSync(folder), `${error}`).to.deep.equal([])
        }
      })
    } finally {
      if (TMPDIR === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = TMPDIR
      rmSync(folder, { recursive: true })
    }
  })

  it('leave no directory behind when the server is ended before they serve', async function () {
    this.slow(5000)
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-early-'))
    const { options, environment } = withThreads(2)
    const endlessThreads = encodeURIComponent(`import { isMainThread } from 'node:worker_threads';
      if (!isMainThread) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`)
    const NODE_OPTIONS = `${environment!['NODE_OPTIONS']} --import=data:text/javascript,${endlessThreads}`
    const child = spawnServer(['-l', '127.0.0.1', '-p', '-1', ...options!], {
      environment: { ...environment, NODE_OPTIONS, TMPDIR: folder },
    })
    const madeCount = async () => readdirSync(folder).length
    expect(await eventually(1, madeCount)).to.equal(1)
    child.kill('SIGTERM')
    await once(child, 'exit')
    expect(await madeCount()).to.equal(0)
    rmSync(folder, { recursive: true })
  })
})

describe('A server with two threads, once it is stopped,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-spec-'))
  after(() => rmSync(folder, { recursive: true }))

  it('keeps nothing alive in its program, and leaves no files behind, open or not', async function () {
    this.slow(5000)
    const program = runProgram(`
      import { once } from 'node:events'
      import { readdirSync } from 'node:fs'
      import net from 'node:net'
      import os from 'node:os'
      import { Server } from ${JSON.stringify(new URL('../../lib/index.js', import.meta.url).href)}
      os.availableParallelism = () => 2
      const openFileCount = () => readdirSync('/proc/self/fd').length
      const noop = Buffer.from('800a'.padEnd(48, '0'), 'hex')
      const ask = (socket) => new Promise((resolve) => socket.on('data', resolve).write(noop))
      async function serveOnce() {
        const server = await Server.start({ port: 0, workers: 2, memoryMegabytes: 16 })
        const closings = []
        for (let count = 0; count < 9; count++) {
          const socket = net.connect(server.port, server.host)
          closings.push(once(socket, 'close'))
          await ask(socket)
        }
        await server.stop()
        await Promise.all(closings)
      }
      await serveOnce()
      const before = openFileCount()
      for (let count = 0; count < 2; count++) await serveOnce()
      console.log(openFileCount() - before)
    `)
    const ended = once(program, 'close')
    let said = ''
    program.stdout!.on('data', (chunk) => {
      said += chunk
    })
    expect(await ended).to.deep.equal([0, null])
    expect(said).to.equal('0\n')
    expect(readdirSync(folder)).to.deep.equal([])
  })

  function runProgram(code: string): ChildProcess {
    return spawn(process.execPath, ['--input-type=module', '-e', code], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }
})
