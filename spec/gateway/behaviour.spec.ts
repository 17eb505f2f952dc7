/** What clients see of a gateway is what they see of the local engine: the behaviour suite and check, over a cluster. */
import { expect } from 'chai'
import { BEHAVIOURS, type Behaviour } from '../support/behaviour.js'
import { binary } from '../support/binary-driver.js'
import { loadBehaviours } from '../support/load-behaviours.js'
import { meta } from '../support/meta-driver.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisCluster, RedisNode, startGateway, useEngine } from '../support/redis.js'
import { type ServerProcess, useProcess } from '../support/server.js'
import { text } from '../support/text-driver.js'
import { runTool } from '../support/tool.js'
import { Player } from '../support/transcript.js'

/** Milliseconds: the specs are about replies, and the machine may be busy. */
const PATIENCE = ['--gateway-timeout', '20000']

/** Of a cas. Two primaries may make a change in the same microsecond. */
const AMONG_ITEMS = 'is different for every item'

async function play(server: ServerProcess, { title, driver, exchanges }: Behaviour): Promise<void> {
  const player = new Player(server, driver)
  try {
    await player.playWhole(exchanges)
  } catch (error) {
    throw new Error(`${title} (${driver.name}): ${(error as Error).message}`, { cause: error })
  } finally {
    player.close()
  }
}

describe('A gateway', function () {
  needs(REDIS)
  this.slow(20_000)

  before(loadBehaviours)

  describe('over a cluster', () => {
    const cluster = useEngine(() => RedisCluster.start())
    const server = useProcess(() => startGateway(cluster(), PATIENCE))

    it('has every behaviour of the local engine, in every protocol', async () => {
      // What is quiet differs only in the replies, which the gateway does not encode.
      const played = BEHAVIOURS.filter(
        ({ title, driver }) => title !== AMONG_ITEMS && [binary, text, meta].includes(driver),
      )
      for (const behaviour of played) await play(server(), behaviour)
      expect(played.length).above(250)
    })

    it('passes every check of the conformance checker', async () => {
      const { out, code } = await runTool([
        'check',
        `127.0.0.1:${server().port}`,
        '--json',
        '--timeout',
        '20000',
      ])
      const { checks } = JSON.parse(out) as { checks: { name: string; outcome: string }[] }
      const others = checks.filter(({ outcome }) => outcome !== 'passed').map(({ name }) => name)
      expect(checks.length).above(450)
      expect(others).deep.equal(['binary.session.sasl-list'])
      expect(code).equal(0)
    })
  })

  describe('over a single server', () => {
    const engine = useEngine(() => RedisNode.start())
    const server = useProcess(() => startGateway(engine()))

    it('has every behaviour of the local engine that is about all items', async () => {
      const played = BEHAVIOURS.filter(({ title }) => title.includes('flush') || title === AMONG_ITEMS)
      expect(played.length).above(10)
      for (const behaviour of played) await play(server(), behaviour)
    })
  })
})
