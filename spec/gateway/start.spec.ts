/** A gateway that cannot serve says why in one sentence, and ends. */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect } from 'chai'
import { completeOptions } from '../../lib/options/complete-options.js'
import { readEngineAddress } from '../../lib/options/kinds/engine-address.js'
import { OPTIONS } from '../../lib/options/table/options.js'
import { needs } from '../support/peers.js'
import { REDIS, RedisNode, useEngine } from '../support/redis.js'
import { freePort, runServer } from '../support/server.js'

/** How a server with these options ends. */
async function endOf(
  gateway: string,
  ...options: string[]
): Promise<{ code: number | null; stderr: string }> {
  return runServer(['-p', '0', '-t', '1', '--gateway', gateway, '--gateway-timeout', '500', ...options])
}

async function expectRefusal(gateway: string, sentence: RegExp, ...options: string[]): Promise<void> {
  const { code, stderr } = await endOf(gateway, ...options)
  expect(stderr).match(sentence)
  expect(stderr.trimEnd().split('\n').length).equal(1)
  expect(code).above(0)
}

describe('A gateway ends with one sentence', function () {
  needs(REDIS)
  this.slow(10_000)

  const engine = useEngine(() => RedisNode.start())

  it('if nothing answers', async () => {
    const port = await freePort()
    await expectRefusal(
      `redis://127.0.0.1:${port}`,
      new RegExp(`^keepcached: --gateway: 127.0.0.1:${port}: .*ECONNREFUSED`),
    )
  })

  it('if what answers is not an engine', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    await expectRefusal(`redis://127.0.0.1:${port}`, /no reply within 500 ms/)
    silent.close()
  })

  it('if the engine is too old', async () => {
    const info = '# Server\r\nredis_version:6.0.16\r\ncluster_enabled:0\r\n'
    const old = createServer((socket) => {
      socket.on('data', () => socket.write(`$${info.length}\r\n${info}\r\n`))
      socket.on('error', () => undefined)
    }).listen(0, '127.0.0.1')
    await once(old, 'listening')
    const { port } = old.address() as AddressInfo
    await expectRefusal(`redis://127.0.0.1:${port}`, /Redis 6\.0\.16 is too old; 6\.2 or later is needed$/m)
    old.close()
  })

  it('if it is a replica', async () => {
    const replica = await RedisNode.start(['--replicaof', '127.0.0.1', `${engine().port}`])
    await expectRefusal(replica.uri, /it is a replica; give its primary$/m)
    await replica.stop()
  })

  it('if the password is wrong, or missing', async () => {
    const locked = await RedisNode.start(['--requirepass', 'secret'], { password: 'secret' })
    await expectRefusal(locked.uri.replace('//', '//:wrong@'), /WRONGPASS|invalid password/)
    await expectRefusal(locked.uri, /NOAUTH/)
    await locked.stop()
  })

  it('if scripts are forbidden', async () => {
    await engine().client.call('acl', 'setuser', 'plain', 'on', '>pw', '~*', '+@all', '-@scripting')
    await expectRefusal(engine().uri.replace('//', '//plain:pw@'), /EVAL fails: NOPERM/)
    await engine().client.call('acl', 'setuser', 'texts', 'on', '>pw', '~*', '+@all', '-evalsha')
    await expectRefusal(engine().uri.replace('//', '//texts:pw@'), /EVALSHA fails: NOPERM/)
  })

  it('if WAIT is forbidden, and changes shall wait for replicas', async () => {
    await engine().client.call('acl', 'setuser', 'hasty', 'on', '>pw', '~*', '+@all', '-wait')
    const gateway = engine().uri.replace('//', '//hasty:pw@')
    await expectRefusal(gateway, /WAIT fails: NOPERM/, '--gateway-ack', 'replicas=1')
  })

  it('if the keys are forbidden', async () => {
    await engine().client.call('acl', 'setuser', 'elsewhere', 'on', '>pw', '~other:*', '+@all')
    await expectRefusal(engine().uri.replace('//', '//elsewhere:pw@'), /EVAL fails: NOPERM/)
  })

  it('if slots of the cluster have no node', async () => {
    const node = await RedisNode.start(['--cluster-enabled', 'yes', '--cluster-port', `${await freePort()}`])
    await node.client.call('cluster', 'addslotsrange', '0', '9999')
    await expectRefusal(node.uri, /the cluster covers only 10000 of its 16384 slots/)
    await node.stop()
  })

  it('if its address is none', async () => {
    await expectRefusal('127.0.0.1:6379', /is not the address of an engine; give redis:\/\/host:port/)
  })
})

describe('The options of a gateway', () => {
  const gateway = 'redis://127.0.0.1:1'

  for (const [options, sentence] of [
    [{ gateway, dataDirectory: 'x' }, 'dataDirectory: the items live on the engine of gateway'],
    [{ gateway, memoryFile: 'x' }, 'memoryFile: the items live on the engine of gateway'],
    [{ gateway, changes: 1024 * 1024 }, 'changes: changes on the engine of gateway cannot be recorded'],
    [{ gateway, udpPort: 0 }, 'udpPort: gateway does not serve datagrams'],
    [
      { gateway, gatewayAck: 'replicas=0' },
      'gatewayAck: "replicas=0" is not an acknowledgement; give replicas=N',
    ],
    [
      { gateway, gatewayAck: '1' },
      'gatewayAck: "1" is not an acknowledgement; give replicas=N, with 1 to 100',
    ],
    [{ gatewayAck: 'replicas=1' }, 'gatewayAck: it means something only with gateway; give that, too'],
    [{ gatewayWait: 3 }, 'gatewayWait: it means something only with gateway; give that, too'],
  ] as const)
    it(`are refused with a sentence: ${JSON.stringify(options)}`, () =>
      expect(() => completeOptions(options)).throw(sentence))

  it('never show the password', () => {
    expect(OPTIONS.gateway.kind.write('redis://me:secret@h:1')).equal('redis://me:***@h:1')
    expect(OPTIONS.gateway.kind.write('redis://:secret@h:1')).equal('redis://:***@h:1')
    expect(OPTIONS.gateway.kind.write('redis://h:1,g:2')).equal('redis://h:1,g:2')
  })
})

describe('The address of an engine', () => {
  const plain = {
    username: undefined,
    password: undefined,
    database: 0,
    isEncrypted: false,
    sentinelName: undefined,
  }

  it('is read with all its parts', () => {
    expect(readEngineAddress('redis://h')).deep.equal({ ...plain, endpoints: [{ host: 'h', port: 6379 }] })
    expect(readEngineAddress('valkey://h:1,redis.example:2')?.endpoints).deep.equal([
      { host: 'h', port: 1 },
      { host: 'redis.example', port: 2 },
    ])
    expect(readEngineAddress('rediss://user:p%40ss@[::1]:7/3')).deep.equal({
      endpoints: [{ host: '::1', port: 7 }],
      username: 'user',
      password: 'p@ss',
      database: 3,
      isEncrypted: true,
      sentinelName: undefined,
    })
    expect(readEngineAddress('redis://:pw@h:1,redis://g:2')).deep.equal({
      ...plain,
      password: 'pw',
      endpoints: [
        { host: 'h', port: 1 },
        { host: 'g', port: 2 },
      ],
    })
  })

  it('may be that of sentinels, with the name of their primary', () => {
    const endpoints = [
      { host: 'h', port: 1 },
      { host: 'g', port: 26379 },
    ]
    expect(readEngineAddress('redis+sentinel://h:1,g/main')).deep.equal({
      ...plain,
      endpoints,
      sentinelName: 'main',
    })
    expect(readEngineAddress('rediss+sentinel://:p%40ss@h:1,rediss+sentinel://g/my%20main/3')).deep.equal({
      ...plain,
      endpoints,
      sentinelName: 'my main',
      password: 'p@ss',
      database: 3,
      isEncrypted: true,
    })
  })

  it('is refused if a part of it is wrong', () => {
    const wrong = [
      'h:1',
      'http://h',
      'redis://',
      'redis://h:99999',
      'redis://h:0',
      'redis://a,,b',
      'redis://h/x',
      'redis+sentinel://h:1',
      'redis+sentinel://h:1/',
      'redis+sentinel://h:1/name/x',
      'redis+sentinel://h:1/%',
    ]
    expect(wrong.filter((address) => readEngineAddress(address) !== undefined)).deep.equal([])
  })
})
