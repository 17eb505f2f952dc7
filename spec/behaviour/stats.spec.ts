import { expect } from 'chai'
import { exchange, receiveFrame, statistic, statistics } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import {
  counterExtras,
  itemExtras,
  keyIn,
  Op,
  opaqueOf,
  reply,
  request,
  uint32,
  valueIn,
} from '../support/frames.js'
import { IS_OVER_TLS, useServer } from '../support/server.js'

/** Of memcached 1.6.45, without the threads that keep its LRU lists. */
const GENERAL = `
  pid uptime time version libevent pointer_size rusage_user rusage_system
  max_connections curr_connections total_connections rejected_connections
  connection_structures response_obj_oom response_obj_count response_obj_bytes
  read_buf_count read_buf_bytes read_buf_bytes_free read_buf_oom reserved_fds
  cmd_get cmd_set cmd_flush cmd_touch cmd_meta get_hits get_misses get_expired
  get_flushed delete_misses delete_hits incr_misses incr_hits decr_misses
  decr_hits cas_misses cas_hits cas_badval touch_hits touch_misses
  store_too_large store_no_memory auth_cmds auth_errors bytes_read bytes_written
  limit_maxbytes accepting_conns listen_disabled_num time_in_listen_disabled_us
  threads conn_yields hash_power_level hash_bytes hash_is_expanding
  slab_reassign_rescues slab_reassign_chunk_rescues slab_reassign_inline_reclaim
  slab_reassign_busy_items slab_reassign_busy_deletes slab_reassign_busy_nomem
  slab_reassign_last_busy_status slab_reassign_running slabs_moved malloc_fails
  log_worker_dropped log_worker_written log_watcher_skipped log_watcher_sent
  log_watchers unexpected_napi_ids round_robin_fallback bytes curr_items
  total_items slab_global_page_pool expired_unfetched evicted_unfetched evictions
  reclaimed crawler_reclaimed crawler_items_checked lrutail_reflocked
`
  .trim()
  .split(/\s+/)

/** Only keepcached has these. */
const OWN = ['internal_errors']

const OF_TLS = ['ssl_handshake_errors', 'ssl_proto_errors', 'time_since_server_cert_refresh']

const ZERO_AT_FIRST = [
  'curr_items',
  'total_items',
  'bytes',
  'cmd_get',
  'cmd_set',
  'get_hits',
  'evictions',
  'get_misses',
  'get_expired',
  'get_flushed',
  'bytes_written',
  'delete_hits',
  'delete_misses',
  'incr_hits',
  'incr_misses',
  'decr_hits',
  'decr_misses',
  'listen_disabled_num',
  'time_in_listen_disabled_us',
  'lrutail_reflocked',
  'store_too_large',
  'store_no_memory',
]

const set = (key: string, value = 'v', cas = 0n) => request(Op.SET, { key, value, extras: itemExtras(), cas })
const get = (key: string) => request(Op.GET, { key })
const WRONG_CAS = 1n << 50n

/** What each request adds to the statistics. Others do not change. */
const COUNTED: readonly [what: string, requests: Buffer[], counts: Record<string, number>][] = [
  ['a set', [set('stored')], { cmd_set: 1, total_items: 1, curr_items: 1 }],
  ['a set over an item', [set('stored')], { cmd_set: 1, total_items: 1 }],
  ['a hit', [get('stored')], { cmd_get: 1, get_hits: 1 }],
  ['a miss', [get('none')], { cmd_get: 1, get_misses: 1 }],
  ['a quiet miss', [request(Op.GETKQ, { key: 'none' }), request(Op.NOOP)], { cmd_get: 1, get_misses: 1 }],
  ['an increment', [request(Op.INCREMENT, { key: 'number', extras: counterExtras(1n) })], { incr_hits: 1 }],
  [
    'an increment of nothing',
    [request(Op.INCREMENT, { key: 'none', extras: counterExtras(1n, 0n, 0xffffffff) })],
    { incr_misses: 1 },
  ],
  ['a decrement', [request(Op.DECREMENT, { key: 'number', extras: counterExtras(1n) })], { decr_hits: 1 }],
  [
    'a decrement of nothing',
    [request(Op.DECREMENT, { key: 'none', extras: counterExtras(1n, 0n, 0xffffffff) })],
    { decr_misses: 1 },
  ],
  ['a touch', [request(Op.TOUCH, { key: 'stored', extras: uint32(0) })], { cmd_touch: 1, touch_hits: 1 }],
  [
    'a touch of nothing',
    [request(Op.TOUCH, { key: 'none', extras: uint32(0) })],
    { cmd_touch: 1, touch_misses: 1 },
  ],
  [
    'a get and touch',
    [request(Op.GAT, { key: 'stored', extras: uint32(0) })],
    { cmd_touch: 1, touch_hits: 1 },
  ],
  ['a wrong cas', [set('stored', 'v', WRONG_CAS)], { cmd_set: 1, cas_badval: 1 }],
  ['a cas of nothing', [set('none', 'v', WRONG_CAS)], { cmd_set: 1, cas_misses: 1 }],
  ['a delete', [request(Op.DELETE, { key: 'stored' })], { delete_hits: 1, curr_items: -1 }],
  ['a delete of nothing', [request(Op.DELETE, { key: 'none' })], { delete_misses: 1 }],
  ['a flush', [request(Op.FLUSH)], { cmd_flush: 1 }],
  ['a quiet flush', [request(Op.FLUSHQ), request(Op.NOOP)], { cmd_flush: 1 }],
]

/** They change with every request. */
const ALWAYS_MOVING = [
  'uptime',
  'time',
  'rusage_user',
  'rusage_system',
  'bytes_read',
  'bytes_written',
  'bytes',
]

describe('Statistics', () => {
  const server = useServer({ options: ['-o', 'no_lru_crawler,no_lru_maintainer'] })
  let connection: Connection
  before(async () => {
    connection = await server().connect()
  })
  after(() => connection.close())

  it('begin at 0', async () => {
    const all = await statistics(connection)
    expect(ZERO_AT_FIRST.filter((name) => all.get(name) !== '0')).to.deep.equal([])
  })

  it('have memcached’s names', async () => {
    const expected = [...GENERAL, ...OWN, ...(IS_OVER_TLS ? OF_TLS : [])]
    expect([...(await statistics(connection)).keys()]).to.have.members(expected)
  })

  it('are pairs of names and values that fit into the buffers of old clients', async () => {
    for (const [name, value] of await statistics(connection)) {
      expect(value, name).to.match(/^[^\r\n]+$/)
      expect(name.length + value.length, name).to.be.lessThan(350)
    }
  })

  it('have the process id, the version, and processor times as decimal fractions', async () => {
    const all = await statistics(connection)
    const version = await exchange(connection, request(Op.VERSION))
    expect(Number(all.get('pid'))).to.equal(server().pid)
    expect(all.get('version')).to.equal(valueIn(version).toString())
    expect(all.get('pointer_size')).to.equal('64')
    expect(all.get('rusage_user')).to.match(/^\d+\.\d+$/)
    expect(all.get('rusage_system')).to.match(/^\d+\.\d+$/)
    expect(Math.abs(Number(all.get('time')) - Date.now() / 1000)).to.be.lessThan(3)
    expect(all.get('accepting_conns')).to.equal('1')
    expect(all.get('limit_maxbytes')).to.equal('67108864')
  })

  it('come one by one with the opaque of the request, and end with an empty one', async () => {
    connection.send(request(Op.STAT, { opaque: 0xdeadbeef }))
    const frames: Buffer[] = []
    do frames.push(await receiveFrame(connection))
    while (keyIn(frames.at(-1)!) !== '')
    expect(frames.at(-1)).to.deep.equal(reply(Op.STAT, { opaque: 0xdeadbeef }))
    expect(frames.every((frame) => opaqueOf(frame) === 0xdeadbeef)).to.equal(true)
    expect(frames.length).to.be.greaterThan(80)
  })

  it('are sent before the reply to the next command, however it arrives', async () => {
    connection.send(Buffer.concat([request(Op.STAT), request(Op.NOOP, { opaque: 1 })]))
    const fence = reply(Op.NOOP, { opaque: 1 })
    const received = await connection.receiveUntil(fence)
    expect(received.subarray(0, -fence.length).subarray(-24)).to.deep.equal(reply(Op.STAT))
  })

  for (const [what, requests, counts] of COUNTED)
    it(`count ${what}`, async () => {
      await exchange(
        connection,
        request(Op.SETQ, { key: 'number', value: '5', extras: itemExtras() }),
        get('none'),
      )
      const before = await statistics(connection)
      await exchange(connection, ...requests)
      const after = await statistics(connection)
      const moved = [...after]
        .map(([name, value]) => [name, Number(value) - Number(before.get(name))] as const)
        .filter(([name, by]) => by !== 0 && !Number.isNaN(by) && !ALWAYS_MOVING.includes(name))
      expect(Object.fromEntries(moved)).to.deep.include(counts)
      const mayMoveToo = Object.keys(counts)
      const others = moved.map(([name]) => name).filter((name) => GENERAL_COUNTERS.test(name))
      expect(others.filter((name) => !mayMoveToo.includes(name))).to.deep.equal([])
    })

  it('count a get of an expired and of a flushed item', async () => {
    const expired = request(Op.SETQ, { key: 'expired', value: 'v', extras: itemExtras(0, 2_678_400) })
    const before = await statistics(connection)
    await exchange(connection, expired, get('expired'))
    await exchange(connection, request(Op.SETQ, { key: 'flushed', extras: itemExtras() }), request(Op.FLUSH))
    await exchange(connection, get('flushed'))
    const after = await statistics(connection)
    for (const name of ['get_expired', 'get_flushed'])
      expect(Number(after.get(name)) - Number(before.get(name)), name).to.equal(1)
    expect(Number(after.get('get_misses')) - Number(before.get('get_misses'))).to.equal(2)
  })

  it('count a change with the right cas', async () => {
    const before = await statistic(connection, 'cas_hits')
    const stored = await exchange(connection, set('key', 'v'))
    await exchange(connection, set('key', 'w', stored.readBigUInt64BE(16)))
    expect((await statistic(connection, 'cas_hits')) - before).to.equal(1)
  })

  it('count connections and bytes', async () => {
    const before = await statistics(connection)
    const others = await Promise.all([server().connect(), server().connect()])
    for (const other of others) await exchange(other, request(Op.NOOP))
    const during = await statistics(connection)
    const gained = (name: string) => Number(during.get(name)) - Number(before.get(name))
    expect(gained('curr_connections')).to.equal(2)
    expect(gained('total_connections')).to.equal(2)
    expect(gained('bytes_read')).to.be.greaterThanOrEqual(2 * 24)
    expect(gained('bytes_written')).to.be.greaterThan(80 * 24)
    for (const other of others) {
      other.send(request(Op.QUIT))
      await other.receiveRest()
      other.close()
    }
    expect(await statistic(connection, 'total_connections')).to.equal(Number(during.get('total_connections')))
  })

  it('restart at 0 after reset, which is answered with one empty packet', async () => {
    await exchange(connection, set('key'))
    await exchange(connection, get('key'))
    expect(await exchange(connection, request(Op.STAT, { key: 'reset' }))).to.deep.equal(reply(Op.STAT))
    const all = await statistics(connection)
    for (const name of [
      'cmd_get',
      'cmd_set',
      'get_hits',
      'get_misses',
      'delete_hits',
      'incr_hits',
      'decr_hits',
    ])
      expect(all.get(name), name).to.equal('0')
    for (const name of ['cas_hits', 'cas_misses', 'cas_badval', 'evictions', 'reclaimed'])
      expect(all.get(name), name).to.equal('0')
    expect(Number(all.get('curr_items'))).to.be.greaterThan(0)
  })
})

/** Statistics that only the named requests may change. */
const GENERAL_COUNTERS = /^(cmd|get|delete|incr|decr|cas|touch)_/
