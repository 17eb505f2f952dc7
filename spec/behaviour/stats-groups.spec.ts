import { expect } from 'chai'
import { exchange, receiveFrame, statistics } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import { itemExtras, keyIn, Op, reply, request, statusOf, valueIn } from '../support/frames.js'
import { IS_OVER_TLS, useServer } from '../support/server.js'

const SETTINGS: Readonly<Record<string, string>> = {
  maxbytes: '67108864',
  maxconns: '1024',
  udpport: '0',
  inter: '127.0.0.1',
  verbosity: '0',
  evictions: 'on',
  domain_socket: 'NULL',
  shutdown_command: 'no',
  stat_key_prefix: ':',
  detail_enabled: 'no',
  cas_enabled: 'yes',
  tcp_backlog: '1024',
  binding_protocol: 'auto-negotiate',
  auth_enabled_sasl: 'no',
  auth_enabled_ascii: 'no',
  item_size_max: '1048576',
  flush_enabled: 'yes',
  idle_timeout: '0',
  ssl_enabled: IS_OVER_TLS ? 'yes' : 'no',
}

const set = (key: string) => request(Op.SET, { key, value: 'v', extras: itemExtras() })
const get = (key: string) => request(Op.GET, { key })

describe('A group of statistics', () => {
  const server = useServer()
  let connection: Connection
  beforeEach(async () => {
    connection = await server().connect()
  })
  afterEach(() => connection.close())

  it('named settings has the defaults', async () => {
    const settings = await statistics(connection, 'settings')
    expect(Object.fromEntries(settings)).to.deep.include(SETTINGS)
    expect(settings.get('tcpport')).to.equal(`${server().port}`)
    for (const [name, value] of settings) expect(value, name).to.not.equal('')
  })

  for (const group of ['items', 'slabs', 'sizes'])
    it(`named ${group} ends, with items and without`, async () => {
      await statistics(connection, group)
      await exchange(connection, set('key'))
      await statistics(connection, group)
      // Nothing of it is left that could be read as the next reply.
      expect(statusOf(await exchange(connection, request(Op.NOOP)))).to.equal(0)
    })

  it('named items counts them by class', async () => {
    await exchange(connection, set('key'))
    const items = await statistics(connection, 'items')
    expect([...items.keys()].some((name) => /^items:\d+:number$/.test(name))).to.equal(true)
  })

  it('named slabs has chunk sizes and the active classes', async () => {
    await exchange(connection, set('key'))
    const slabs = await statistics(connection, 'slabs')
    expect(slabs.has('active_slabs')).to.equal(true)
    expect([...slabs.keys()].some((name) => /^\d+:chunk_size$/.test(name))).to.equal(true)
  })

  it('named conns has the state of every connection, the asking one last', async () => {
    const conns = [...(await statistics(connection, 'conns'))]
    const states = conns.filter(([name]) => name.endsWith(':state')).map(([, state]) => state)
    expect(states[0]).to.equal('conn_listening')
    expect(states.at(-1)).to.equal('conn_parse_cmd')
    expect(conns[0]).to.deep.equal([conns[0]![0], `tcp:127.0.0.1:${server().port}`])
    expect(conns.every(([name]) => /^\d+:(addr|listen_addr|state|secs_since_last_cmd)$/.test(name))).to.equal(
      true,
    )
  })

  for (const group of ['nonsense', 'cachedump', 'cachedump 1 1', 'detail', 'detail nonsense'])
    it(`named ${group} is not found, in one answer`, async () => {
      const answer = await exchange(connection, request(Op.STAT, { key: group }))
      expect(answer).to.deep.equal(reply(Op.STAT, { status: 0x01, value: 'Not found' }))
      expect(statusOf(await exchange(connection, request(Op.NOOP)))).to.equal(0)
    })

  it('named detail counts by the prefix of the key while it is on', async () => {
    const detail = async (word: string) => exchange(connection, request(Op.STAT, { key: `detail ${word}` }))
    expect(await detail('on')).to.deep.equal(reply(Op.STAT))
    await exchange(connection, set('prefix:key'))
    await exchange(connection, get('prefix:key'))
    await exchange(connection, get('prefix:none'))
    await exchange(connection, request(Op.DELETE, { key: 'prefix:key' }))
    expect(await detail('off')).to.deep.equal(reply(Op.STAT))
    await exchange(connection, get('prefix:none'))
    const dump = await detail('dump')
    expect(await receiveFrame(connection)).to.deep.equal(reply(Op.STAT))
    expect(keyIn(dump)).to.equal('detailed')
    expect(valueIn(dump).toString()).to.equal('PREFIX prefix get 2 hit 1 set 1 del 1\r\nEND\r\n')
  })
})
