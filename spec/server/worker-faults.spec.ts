import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Worker as Thread } from 'node:worker_threads'
import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { exchange } from '../support/binary-client.js'
import { Connection } from '../support/connection.js'
import { faultKey, POINTS, type Point, type Way } from '../support/fault-points.js'
import { counterExtras, itemExtras, Op, reply, request } from '../support/frames.js'
import { pattern } from '../support/pattern.js'
import { FAULTS, FAULTY_EXPORT, FAULTY_PROGRAM } from '../support/program.js'
import { Random } from '../support/random.js'
import { freePort, ServerProcess, spawnServer } from '../support/server.js'
import { pretendCores, withThreads } from '../support/threads.js'
import { URING_OBSTACLE } from '../support/uring.js'

const EX_SOFTWARE = 70
const KEY_COUNT = 12
const NEW_KEYS_PER_BATCH = 300
/** Long before this the fault has happened. */
const BUSY_MS_MAX = 25_000
const NOOP = request(Op.NOOP)

interface Death {
  readonly code: number | null
  readonly stderr: string
  /** From the fault to the end of the process. */
  readonly afterMs: number
}

/** Starts a server of two threads, lets one of them die in that way while both work, and waits for the end. */
async function deathBy(way: Way, point: Point | 'at once', nodeOptions = ''): Promise<Death> {
  const server = await startFaulty(nodeOptions)
  const { address } = server.process
  const [victim, other] = [await Connection.open(address), await Connection.open(address)]
  await exchange(victim, NOOP)
  await exchange(other, NOOP)
  const ended = once(server.child, 'close')
  const watchdog = setTimeout(() => server.child.kill('SIGKILL'), BUSY_MS_MAX)
  const random = new Random()
  victim.send(request(Op.GETQ, { key: faultKey(way, point) }))
  await Promise.all([keepBusy(victim, random), keepBusy(other, random)])
  const [code] = await ended
  clearTimeout(watchdog)
  victim.close()
  other.close()
  const { stdout, stderr } = server.said
  const diedAt = Number(stdout.trimEnd().split('\n').at(-1))
  return { code, stderr, afterMs: server.endedAt - diedAt }
}

async function startFaulty(nodeOptions: string) {
  const port = await freePort()
  const { options, environment } = withThreads(2, ['-m', '4', '-p', `${port}`, '-l', '127.0.0.1'])
  const NODE_OPTIONS = `${environment!['NODE_OPTIONS']} --import=${FAULTS} ${nodeOptions}`
  const given = { command: FAULTY_PROGRAM, environment: { ...environment, NODE_OPTIONS } }
  const child = spawnServer(options!, given)
  const server = {
    child,
    process: new ServerProcess({ host: '127.0.0.1', port }, child),
    said: saidBy(child),
    endedAt: 0,
  }
  child.once('exit', () => {
    server.endedAt = Date.now()
  })
  await server.process.untilAccepting()
  return server
}

function saidBy(child: ChildProcess): { stdout: string; stderr: string } {
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream]?.on('data', (chunk) => {
      said[stream] += chunk
    })
  return said
}

/**
 * One batch after the other, until the server has ended: the same few keys on every connection, and far too many
 * others.
 */
async function keepBusy(connection: Connection, random: Random): Promise<void> {
  for (let ending: unknown; ending === undefined; ) {
    connection.send(Buffer.concat(batch(random)))
    ending = (await connection.receiveUntilOrEnd(reply(Op.NOOP))).ending
  }
}

const LONG_VALUE = pattern(100_000)

function batch(random: Random): Buffer[] {
  const extras = itemExtras()
  const value = (length: number) => LONG_VALUE.subarray(0, random.below(length))
  const few = Array.from({ length: KEY_COUNT }, (_, n) => [
    request(Op.SETQ, { key: `key ${n}`, value: value(2000), extras }),
    request(Op.GETQ, { key: `key ${n}` }),
    request(Op.INCREMENTQ, { key: `count ${n}`, extras: counterExtras(1n) }),
  ])
  const many = Array.from({ length: NEW_KEYS_PER_BATCH }, () =>
    request(Op.SETQ, { key: `key ${random.below(1e9)}`, value: value(200), extras }),
  )
  const long = request(Op.SETQ, { key: 'long', value: LONG_VALUE, extras })
  return [...few.flat(), ...many, long, NOOP]
}

/** A second, and another one for a busy machine. */
const END_MS_MAX = 2000

function expectOrderly({ code, stderr, afterMs }: Death, sentence: RegExp): void {
  expect(stderr).to.match(sentence)
  expect(stderr.trimEnd().split('\n')).to.have.length(1)
  expect(code).to.equal(EX_SOFTWARE)
  expect(afterMs).to.be.within(0, END_MS_MAX)
}

const HAS_FAILED = /^keepcached: worker \d has failed: a fault made for a spec\n$/
const HAS_ENDED = /^keepcached: worker \d has ended\n$/

describe('When one of its threads dies, a server logs it and ends within a second:', function () {
  this.slow(5000)

  it('when the thread is ended from outside', async () => {
    expectOrderly(await deathBy('exit', 'at once'), HAS_ENDED)
  })

  it('when its memory is exhausted', async () => {
    const death = await deathBy('run out of memory', 'at once', '--max-old-space-size=24')
    expectOrderly(death, /^keepcached: worker \d has failed: .*memory.*\n$/)
  })

  for (const point of Object.keys(POINTS) as Point[])
    it(`${point}, while the other thread runs`, async () => {
      expectOrderly(await deathBy('throw', point), HAS_FAILED)
    })

  for (const point of ['with a stripe locked', 'with the pool of segments locked'] as const)
    it(`${point}, when it is ended from outside`, async () => {
      expectOrderly(await deathBy('exit', point), HAS_ENDED)
    })
})

describe("When a thread dies in a program's server", () => {
  for (const ioUring of [false, true])
    it(`its \`failed\` settles, its connections${ioUring ? ' over io_uring' : ''} are closed, and the program runs on`, async function () {
      if (ioUring && URING_OBSTACLE !== undefined) this.skip()
      this.slow(3000)
      const made: Thread[] = []
      const note = (thread: Thread) => made.push(thread)
      process.on('worker', note)
      pretendCores(2)
      const server = await Server.start({ port: 0, workers: 2, memoryMegabytes: 16, ioUring })
      process.off('worker', note)
      const connections = await Promise.all(
        Array.from({ length: 4 }, () => Connection.open({ host: server.host, port: server.port })),
      )
      for (const connection of connections) await exchange(connection, NOOP)
      await made[1]!.terminate()
      expect((await server.failed).message).to.equal('worker 1 has ended')
      for (const connection of connections) await connection.receiveRest()
      await server.stop()
      expect(made.map(({ threadId }) => threadId)).to.deep.equal([-1, -1])

      await using next = await Server.start({ port: 0, workers: 2, memoryMegabytes: 16, ioUring })
      const connection = await Connection.open({ host: next.host, port: next.port })
      await exchange(connection, NOOP)
      connection.close()
    })

  it('with a lock that another thread waits for, the program still ends by itself', async function () {
    this.slow(3000)
    const said = await runProgram(`
      import net from 'node:net'
      import os from 'node:os'
      import { Server } from ${JSON.stringify(FAULTY_EXPORT)}
      os.availableParallelism = () => 2
      const server = await Server.start({ port: 0, workers: 2, memoryMegabytes: 16 })
      const get = (key) => {
        const header = Buffer.alloc(24)
        header[0] = 0x80
        header[3] = header[11] = key.length
        return Buffer.concat([header, Buffer.from(key)])
      }
      const connect = () => net.connect(server.port, server.host).on('error', () => undefined)
      const sockets = [connect(), connect()]
      const ends = sockets.map((socket) => new Promise((resolve) => socket.on('close', resolve)))
      sockets[0].write(get('${faultKey('throw', 'with a stripe locked')}'))
      for (const socket of sockets) {
        const set = get('key')
        set[1] = 1
        set[4] = 8
        set[11] += 8
        const bytes = Buffer.concat([set.subarray(0, 24), Buffer.alloc(8), set.subarray(24)])
        socket.write(Buffer.concat(Array(1000).fill(bytes)))
        socket.resume()
      }
      console.error((await server.failed).message)
      await Promise.all(ends)
      await server.stop()
      console.error('the end')
    `)
    expect(said).to.equal('worker 0 has failed: a fault made for a spec\nthe end\n')
  })

  async function runProgram(code: string): Promise<string> {
    const child = spawn(process.execPath, [`--import=${FAULTS}`, '--input-type=module', '-e', code])
    const said = saidBy(child)
    const [exitCode] = await once(child, 'close')
    expect(exitCode, said.stderr).to.equal(0)
    return said.stderr
  }
})
