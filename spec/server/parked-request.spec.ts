import { expect } from 'chai'
import { COMMAND_LINE_LENGTH_MAX, WINDOW_LENGTH } from '../../lib/request/limits.js'
import { ParkedRequest } from '../../lib/server/connection/waiting/parked-request.js'
import { createWorkerKit } from '../support/worker-kit.js'

describe('A request that waits for a key', () => {
  // Some functions of Node count bytes in 31 bits.
  for (const spareLength of [0, 2 ** 31])
    it(`is restored as it was, before ${spareLength} other bytes of memory`, () => {
      const { worker } = createWorkerKit({ memoryLength: 1024 * 1024, spareLength })
      const { request, arena, readStart, readBuffer } = worker
      const read = (start: number, end: number) => arena.bytes.toString('latin1', start, end)
      readBuffer.write('mw key\xff c7 T5 v k O7', 'latin1')
      request.keyStart = readStart + 3
      request.keyEnd = request.keyStart + 4
      request.flagsStart = request.keyEnd + 1
      request.flagsEnd = request.flagsStart + 12
      request.expiry = 5
      let wokenCount = 0
      const parked = new ParkedRequest(worker, () => wokenCount++)
      readBuffer.fill(0)
      request.expiry = 0
      parked.wake(false)
      parked.restore()
      expect(read(request.keyStart, request.keyEnd)).equal('key\xff')
      expect(read(request.flagsStart, request.flagsEnd)).equal('c7 T5 v k O7')
      // Both are in the worker's own window.
      expect(request.flagsStart).within(request.keyEnd, readStart + WINDOW_LENGTH - COMMAND_LINE_LENGTH_MAX)
      expect([request.expiry, wokenCount]).deep.equal([5, 1])
    })
})
