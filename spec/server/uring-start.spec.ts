/** Where a ring serves, and where it does not. */
import { expect } from 'chai'
import { IO_URING_REGISTER, IO_URING_SETUP } from '../../lib/server/wires/uring/layout.js'
import { openUring } from '../../lib/server/wires/uring/open-uring.js'
import type { SystemCalls } from '../../lib/server/wires/uring/system-calls.js'
import { exchange } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { faultySystemCalls, sendingAtMost } from '../support/faulty-system-calls.js'
import { Op, request, statusOf } from '../support/frames.js'
import { startServer } from '../support/server.js'
import { newRingMemory, URING_OBSTACLE } from '../support/uring.js'
import { fileCount } from './uring-rig.js'

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
        expect(openUring(newRingMemory(1), log, load)).to.equal(undefined)
        expect(lines).to.have.length(1)
        expect(lines[0]![0]).to.equal(0)
        expect(lines[0]![1]).to.match(/^io_uring does not serve: ./)
        expect(await eventually(before, async () => fileCount())).to.equal(before)
      })
  })

  it('is said to serve', () => {
    const lines: [number, string][] = []
    openUring(newRingMemory(1), { say: (level, line) => lines.push([level, line]) })!.close()
    expect(lines).to.have.length(1)
    expect(lines[0]![0]).to.equal(1)
    expect(lines[0]![1]).to.match(/^io_uring serves the connections, by (koffi|node:ffi)$/)
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
