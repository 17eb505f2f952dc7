/** The commands of lib/gateway/compose.yaml, run on this machine without containers. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { needs } from '../support/peers.js'
import { REDIS, RedisNode, startGateway, untilTrue } from '../support/redis.js'
import { freePort } from '../support/server.js'
import { line } from '../support/text-replies.js'
import { runTool } from '../support/tool.js'

const FILE = readFileSync('lib/gateway/compose.yaml', 'utf8')
const ADDRESSES = /10\.89\.0\.1(\d):6379/g

/** What stands behind the word, once or several times. */
const wordsAfter = (pattern: RegExp): string[] => [...FILE.matchAll(pattern)].map(([, words]) => words!)

describe('The compose file of a gateway', function () {
  needs(REDIS)
  this.timeout(120_000)
  this.slow(30_000)
  const nodes: RedisNode[] = []
  after(() => Promise.all(nodes.map((node) => node.stop())))

  /** A command for containers, for the nodes of this machine instead. */
  function here(command: string): string {
    return command
      .replace(/valkey-cli -h 10\.89\.0\.11 -p 6379/g, `redis-cli -p ${nodes[0]!.port}`)
      .replace(/valkey-cli/g, 'redis-cli')
      .replace(ADDRESSES, (_, number: string) => `127.0.0.1:${nodes[Number(number) - 1]!.port}`)
  }

  const shell = (script: string): number | null => spawnSync('sh', ['-c', script]).status

  it('makes a cluster of healthy nodes, and a gateway over it', async () => {
    const [nodeCommand] = wordsAfter(/command: valkey-server (.*)/g)
    expect(wordsAfter(/ipv4_address: (\S+)/g).length).equal(6)
    while (nodes.length < 6)
      nodes.push(await RedisNode.start(nodeCommand!.split(' '), { port: await portBelowBusPort() }))
    const [nodeCheck] = wordsAfter(/test: (valkey-cli .*)/g)
    for (const { port } of nodes)
      expect(shell(here(nodeCheck!).replace('redis-cli', `redis-cli -p ${port}`))).equal(0)

    const script = /- \|\n((?: {8}.*\n)+)/.exec(FILE)![1]!
    expect(shell(here(script))).equal(0)
    // Again, it changes nothing.
    expect(shell(here(script))).equal(0)
    await untilTrue(async () => /connected_slaves:1/.test(await nodes[0]!.client.info('replication')))

    const [gatewayCommand] = wordsAfter(/command: (--gateway .*)/g)
    const [, uri, ...options] = here(gatewayCommand!).split(' ')
    const gateway = await startGateway({ uri: uri! }, options)
    const client = await gateway.connect()
    client.send(line('set k 0 0 1\r\nx\r\nget k'))
    expect((await client.receiveUntil(line('END'))).toString()).equal('STORED\r\nVALUE k 0 1\r\nx\r\nEND\r\n')
    const check = /keepcached (get health); \[ \$\$\? -le 1 \]/.exec(FILE)![1]!.split(' ')
    const words = [...check, '--server', `127.0.0.1:${gateway.port}`]
    expect((await runTool(words)).code).equal(1)
    for (const node of nodes) node.process.kill('SIGSTOP')
    expect((await runTool(words)).code).above(1)
    for (const node of nodes) node.process.kill('SIGCONT')
    client.close()
    await gateway.stop()
  })
})

/** The bus of a node is ten thousand ports further. */
async function portBelowBusPort(): Promise<number> {
  for (;;) {
    const port = await freePort()
    if (port <= 55_535) return port
  }
}
