import { expect } from 'chai'
import { Server } from '../../lib/server/server.js'
import { Random } from '../support/random.js'
import { URING_OBSTACLE } from '../support/uring.js'
import { SocketFuzz } from './socket-fuzz.js'

const FRAME_COUNT = 20_000

for (const ioUring of [false, true])
  describe(`Fuzzed connections over ${ioUring ? 'io_uring' : 'bare handles'}`, () => {
    const { seed } = new Random()

    it(`get the expected replies (seed ${seed})`, async function () {
      if (ioUring && URING_OBSTACLE !== undefined) this.skip()
      this.slow(6000)
      await using server = await Server.start({ port: 0, memoryMegabytes: 64, protocol: 'binary', ioUring })
      const fuzz = new SocketFuzz(server.port, seed)
      await fuzz.run(FRAME_COUNT)
      expect(fuzz.replyCount).greaterThan(0)
    })
  })
