import { expect } from 'chai'
import { statistics } from '../support/binary-client.js'
import { Random } from '../support/random.js'
import { useServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'
import { Hammer } from './hammer.js'
import { LOADS } from './loads.js'

const CONNECTION_COUNT = 16
const RUN_MS = 500

for (const workers of [2, 4])
  for (const [title, memoryMegabytes, load] of LOADS)
    describe(`${CONNECTION_COUNT} clients of ${workers} threads at the same few keys, ${title},`, function () {
      this.slow(8 * RUN_MS)
      const server = useServer(withThreads(workers, ['-m', `${memoryMegabytes}`]))
      const random = new Random()

      it(`find every value whole, every total exact, and no cas lower than before (seed ${random.seed})`, async () => {
        const connection = await server().connect()
        const evictedCount = async () => Number((await statistics(connection)).get('evictions'))
        const isTight = memoryMegabytes < 64
        do {
          const hammer = new Hammer(server(), load, random)
          await hammer.run(CONNECTION_COUNT, RUN_MS)
          expect(hammer.faults).to.deep.equal([])
          expect(hammer.requestCount).to.be.greaterThan(20)
          // On a busy machine the memory may not be full yet.
        } while (isTight && (await evictedCount()) === 0)
        if (!isTight) expect(await evictedCount()).to.equal(0)
        connection.close()
      })
    })
