import { expect } from 'chai'
import { statistics } from '../support/binary-client.js'
import { Random } from '../support/random.js'
import { useServer } from '../support/server.js'
import { withThreads } from '../support/threads.js'
import { Hammer } from './hammer.js'
import { LOADS } from './loads.js'

const CONNECTION_COUNT = 16
const RUN_MS = 1000

for (const workers of [2, 4])
  for (const [title, memoryMegabytes, load] of LOADS)
    describe(`${CONNECTION_COUNT} clients of ${workers} threads at the same few keys, ${title},`, function () {
      this.timeout(30_000)
      this.slow(4 * RUN_MS)
      const server = useServer(withThreads(workers, ['-m', `${memoryMegabytes}`]))
      const random = new Random()

      it(`find every value whole, every total exact, and no cas lower than before (seed ${random.seed})`, async () => {
        const hammer = new Hammer(server(), load, random)
        await hammer.run(CONNECTION_COUNT, RUN_MS)
        expect(hammer.faults).to.deep.equal([])
        expect(hammer.requestCount).to.be.greaterThan(20)
        const connection = await server().connect()
        const all = await statistics(connection)
        const hasEvicted = Number(all.get('evictions')) > 0
        expect(hasEvicted, 'something was evicted').to.equal(memoryMegabytes < 64)
        connection.close()
      })
    })
