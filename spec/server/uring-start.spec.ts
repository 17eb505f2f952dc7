/** Where a ring serves, and where it does not. */
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker as Thread } from 'node:worker_threads'
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { hasBridges } from '../../lib/arena/bridge.js'
import { IO_URING_REGISTER, IO_URING_SETUP, MADV_HUGEPAGE } from '../../lib/server/wires/uring/layout.js'
import { openUring } from '../../lib/server/wires/uring/open-uring.js'
import { RingMemory } from '../../lib/server/wires/uring/ring-memory.js'
import type { SystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import { exchange } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { faultySystemCalls, sendingAtMost } from '../support/faulty-system-calls.js'
import { Op, request, statusOf } from '../support/frames.js'
import { startServer } from '../support/server.js'
import { newRingMemory, REPEATS_READS, URING_OBSTACLE } from '../support/uring.js'
import { fileCount } from './uring-rig.js'

const SERVER = new URL('../../lib/server/server.js', import.meta.url).href

/** How many rings this process has open, but those of Node itself (Node 26), whose queues are short. */
function ringCount(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^SqMask:\t0xfff$/m.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))
    } catch {
      // It was the descriptor of this list.
      return false
    }
  }).length
}

describe('A ring, at the start,', () => {
  before(function () {
    if (URING_OBSTACLE !== undefined) this.skip()
  })

  describe('is not used, with one log line and nothing left open, if', () => {
    const refused = (number: number, operation?: number) =>
      faultySystemCalls(({ callWith }) => ({
        callWith: (called, a, b, c, d) =>
          called === number && (operation === undefined || operation === b)
            ? -1
            : callWith(called, a, b, c, d),
      }))
    const CASES: Readonly<Record<string, () => SystemCalls>> = {
      'the kernel has none': () => refused(IO_URING_SETUP),
      'the kernel has no eventfd for it': () => refused(IO_URING_REGISTER, 4),
      'the kernel has no rings of buffers': () => refused(IO_URING_REGISTER, 22),
      'the kernel cannot cancel': () => refused(IO_URING_REGISTER, 24),
      'the kernel takes no requests': () => faultySystemCalls(() => ({ call: () => -1 })),
      'no memory can be mapped': () => faultySystemCalls(() => ({ mmap: () => -1 })),
      'there is no pair of sockets': () => faultySystemCalls(() => ({ socketpair: () => -1 })),
      'there is no eventfd': () => faultySystemCalls(() => ({ eventfd: () => -1 })),
      'no advice is taken': () => faultySystemCalls(() => ({ madvise: () => -1 })),
      'advice has no effect': () => faultySystemCalls(() => ({ madvise: () => 0 })),
      'advice reaches too far': () =>
        faultySystemCalls(({ madvise }) => ({
          madvise: (address, length, advice) => madvise(address, 2 * length, advice),
        })),
      'a message sends too little': () => sendingAtMost(3),
      'nothing can be read without the ring': () => faultySystemCalls(() => ({ recv: () => -1 })),
      'an address is wrong': () => {
        const other = Buffer.from(new SharedArrayBuffer(20_000))
        return faultySystemCalls(({ addressOf }) => ({ addressOf: () => addressOf(other.buffer) }))
      },
      'no library is there': () => {
        throw new Error('none')
      },
    }
    for (const [title, load] of Object.entries(CASES))
      it(title, async () => {
        const before = fileCount()
        const lines: [number, string][] = []
        const log = { say: (level: number, line: string) => lines.push([level, line]) }
        expect(openUring(newRingMemory(1, { isAskedFor: true }), log, load)).to.equal(undefined)
        expect(lines).to.have.length(1)
        expect(lines[0]![0]).to.equal(0)
        expect(lines[0]![1]).to.match(/^io_uring does not serve: ./)
        expect(await eventually(before, async () => fileCount())).to.equal(before)
      })
  })

  it('is not used if koffi is broken, and the line says in which way', async function () {
    if (process.getBuiltinModule?.('node:ffi') !== undefined) this.skip()
    const folder = mkdtempSync(join(tmpdir(), 'keepcached-spec-'))
    writeFileSync(join(folder, 'koffi.js'), "throw new Error('file too short')")
    const environment = { NODE_PATH: folder }
    const server = await startServer({ options: ['-o', 'io_uring'], environment })
    const client = await server.connect()
    await exchange(client, request(Op.NOOP))
    client.close()
    await server.stop()
    rmSync(folder, { recursive: true })
    expect(server.output).to.equal(
      'keepcached: io_uring does not serve: node:ffi: this Node.js has none; koffi: file too short\n',
    )
  })

  it('is said to serve', () => {
    const lines: [number, string][] = []
    openUring(newRingMemory(1), { say: (level, line) => lines.push([level, line]) })!.close()
    expect(lines).to.have.length(1)
    expect(lines[0]![0]).to.equal(1)
    expect(lines[0]![1]).to.match(/^io_uring serves the connections, by (koffi|node:ffi)$/)
  })

  describe('asks for large pages', () => {
    const asked: (readonly [number, number])[] = []
    let system: SystemCalls
    beforeEach(() => {
      asked.length = 0
      system = faultySystemCalls(({ madvise }) => ({
        madvise(address, length, advice) {
          if (advice === MADV_HUGEPAGE) asked.push([address, length])
          return madvise(address, length, advice)
        },
      }))
    })

    it('for the arena and each item memory', () => {
      const itemLengths = hasBridges() ? [65_536, 131_072] : []
      const arena = Arena.create(RingMemory.regionLength(1, 1), 1, itemLengths)
      openUring(new RingMemory(arena, { largePages: true }, 1), undefined, () => system)!.close()
      const memories = [arena, ...arena.itemMemories]
      expect(asked).to.deep.equal(memories.map(({ bytes }) => [system.addressOf(bytes.buffer), bytes.length]))
      if (!existsSync('/sys/kernel/mm/transparent_hugepage')) return
      for (const [address] of asked) expect(mappingFlags(address)).to.include(' hg')
    })

    it('only if they are wanted', () => {
      openUring(newRingMemory(1), undefined, () => system)!.close()
      expect(asked).to.deep.equal([])
    })

    it('and serves without them', () => {
      const refusing = faultySystemCalls(({ madvise }) => ({
        madvise: (address, length, advice) =>
          advice === MADV_HUGEPAGE ? -1 : madvise(address, length, advice),
      }))
      openUring(newRingMemory(1, { largePages: true }), undefined, () => refusing)!.close()
    })

    it('in a server that has the option', async function () {
      if (!existsSync('/sys/kernel/mm/transparent_hugepage')) this.skip()
      const server = await startServer({ options: ['-o', 'io_uring', '-L'] })
      const isAsked = () => /^VmFlags:.* hg/m.test(readFileSync(`/proc/${server.pid}/smaps`, 'latin1'))
      const wasAsked = await eventually(true, async () => isAsked())
      await server.stop()
      expect(wasAsked).to.equal(true)
    })
  })

  it('repeats reads where Linux can, from 6.17 on', function () {
    const [major, minor] = release().split('.').map(Number)
    if (major! < 6 || (major === 6 && minor! < 17)) this.skip()
    expect(REPEATS_READS).to.equal(true)
  })

  it('does not repeat reads where that misses an end that comes with bytes', function () {
    if (!REPEATS_READS) this.skip()
    let closesLater = true
    const open: number[] = []
    const system = faultySystemCalls(({ close }) => ({
      close: (fd) => (closesLater ? open.push(fd) : close(fd)),
    }))
    const ring = openUring(newRingMemory(1), undefined, () => system)!
    closesLater = false
    for (const fd of open) system.close(fd)
    ring.close()
    expect(ring.repeatsReads).to.equal(false)
  })

  it('does not serve in a thread that a program has made, unless asked for', async function () {
    this.slow(3000)
    const countWith = async (options: string): Promise<number> => {
      const thread = new Thread(
        `const { parentPort } = require('node:worker_threads')
        import(${JSON.stringify(SERVER)}).then(async ({ Server }) => {
          const server = await Server.start({ port: 0, memoryMegabytes: 4, ${options} })
          parentPort.once('message', () => server.stop())
          parentPort.postMessage('serves')
        })`,
        { eval: true },
      )
      await once(thread, 'message')
      const count = ringCount()
      thread.postMessage('stop')
      await once(thread, 'exit')
      return count
    }
    expect(await countWith('')).to.equal(0)
    expect(await countWith('ioUring: true')).to.equal(1)
    expect(ringCount()).to.equal(0)
  })

  it('serves in each thread of a server, and says so once', async () => {
    const server = await startServer({ options: ['-o', 'io_uring', '-t', '2', '-v'] })
    const clients = await Promise.all(Array.from({ length: 10 }, () => server.connect()))
    const replies = await Promise.all(clients.map((client) => exchange(client, request(Op.NOOP))))
    expect(replies.map(statusOf)).to.deep.equal(Array(10).fill(0))
    expect(server.output.match(/io_uring serves/g)).to.have.length(1)
    for (const client of clients) client.close()
    await server.stop()
  })
})

/** What the kernel notes of the mapping with this address. */
function mappingFlags(address: number): string {
  const mappings = readFileSync('/proc/self/smaps', 'latin1').matchAll(MAPPING)
  for (const [, start, end, flags] of mappings)
    if (Number.parseInt(start!, 16) <= address && address < Number.parseInt(end!, 16)) return flags!
  return ''
}

const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) .*\n(?:[A-Z].*\n)*?VmFlags:(.*)$/gm
