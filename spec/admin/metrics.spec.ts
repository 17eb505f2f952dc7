/** `/metrics`: the names, types and labels of memcached_exporter 0.16, our own, and their values. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { COUNTERS } from '../../lib/metrics/counters.js'
import { type AdminServer, useAdmin } from '../support/admin.js'
import { parseMetrics } from '../support/prometheus-text.js'

/** The metrics of the exporter that apply to this server: after `memcached_`, with the names of their labels. */
const OF_EXPORTER: Readonly<Record<'gauge' | 'counter', readonly string[]>> = {
  gauge: [
    'up',
    'time_seconds',
    'version{version}',
    'accepting_connections',
    'current_connections',
    'max_connections',
    'current_bytes',
    'limit_bytes',
    'malloced_bytes',
    'current_items',
    'lru_crawler_enabled',
    'lru_crawler_sleep',
    'lru_crawler_to_crawl',
    'lru_crawler_maintainer_thread',
    'lru_crawler_hot_percent',
    'lru_crawler_warm_percent',
    'lru_crawler_hot_max_factor',
    'lru_crawler_warm_max_factor',
    'slab_current_items{slab}',
    'slab_items_age_seconds{slab}',
    'slab_chunk_size_bytes{slab}',
    'slab_chunks_per_page{slab}',
    'slab_current_pages{slab}',
    'slab_current_chunks{slab}',
    'slab_chunks_used{slab}',
    'slab_chunks_free{slab}',
    'slab_chunks_free_end{slab}',
  ],
  counter: [
    'uptime_seconds',
    'process_user_cpu_seconds_total',
    'process_system_cpu_seconds_total',
    'read_bytes_total',
    'written_bytes_total',
    'connections_total',
    'connections_rejected_total',
    'connections_yielded_total',
    'connections_listener_disabled_total',
    'items_total',
    'items_evicted_total',
    'items_reclaimed_total',
    'item_too_large_total',
    'item_no_memory_total',
    'direct_reclaims_total',
    'commands_total{command,status}',
    'lru_crawler_starts_total',
    'lru_crawler_reclaimed_total',
    'lru_crawler_items_checked_total',
    'lru_crawler_moves_to_cold_total',
    'lru_crawler_moves_to_warm_total',
    'lru_crawler_moves_within_lru_total',
    'slab_items_crawler_reclaimed_total{slab}',
    'slab_items_evicted_total{slab}',
    'slab_items_evicted_unfetched_total{slab}',
    'slab_items_expired_unfetched_total{slab}',
    'slab_items_outofmemory_total{slab}',
    'slab_items_reclaimed_total{slab}',
    'slab_commands_total{slab,command,status}',
    // The exporter's own type for it.
    'slab_mem_requested_bytes{slab}',
  ],
}

async function scrape(admin: AdminServer) {
  const { status, headers, text } = await admin.send('/metrics')
  expect(status).to.equal(200)
  expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8')
  return parseMetrics(text)
}

type Metrics = Awaited<ReturnType<typeof scrape>>

const figureOf = (metrics: Metrics, name: string, labels = ''): number | undefined =>
  metrics.get(name)?.samples.get(labels)

/** `name{label,label}` of a metric. */
function shapeOf(metrics: Metrics, name: string): string {
  const shapes = new Set(
    [...metrics.get(name)!.samples.keys()].map((labels) => labels.replaceAll(/="(?:[^"\\]|\\.)*"/g, '')),
  )
  expect([...shapes], name).to.have.length(1)
  return name + [...shapes][0]!
}

for (const workers of [1, 2])
  describe(`metrics of a server with ${workers === 1 ? 'one worker' : 'two workers'}`, () => {
    const admin = useAdmin({ workers })

    async function say(...lines: string[]): Promise<void> {
      const connection = await admin().connect()
      connection.send(Buffer.from(`${lines.join('\r\n')}\r\nquit\r\n`))
      await connection.receiveRest()
      connection.close()
    }

    before(() =>
      say(
        ...['set sky 0 0 4', 'blue', 'set sky 0 0 4', 'blue', 'get sky', 'get sky', 'get sky', 'get sea'],
        ...[
          'incr sky 1',
          'incr sea 1',
          'decr sea 1',
          'set n 0 0 1',
          '1',
          'incr n 1',
          'decr n 1',
          'touch n 0',
        ],
        ...['touch sea 0', 'delete sea', 'set gone 0 0 1', 'x', 'delete gone', 'cas sea 0 0 1 1', 'x'],
        ...['cas sky 0 0 1 1', 'x', 'ms sky 1 C999999', 'x', 'flush_all 1000'],
      ),
    )

    it('have the names, types and labels of memcached_exporter', async () => {
      const metrics = await scrape(admin())
      for (const type of ['gauge', 'counter'] as const) {
        const found = [...metrics.keys()].filter(
          (name) => name.startsWith('memcached_') && metrics.get(name)!.type === type,
        )
        const shapes = found.map((name) => shapeOf(metrics, name))
        expect(shapes.sort()).to.deep.equal(OF_EXPORTER[type].map((name) => `memcached_${name}`).sort())
      }
    })

    it('have no other names but our own, and a help for each', async () => {
      const metrics = await scrape(admin())
      for (const [name, { help }] of metrics) {
        expect(name).to.match(/^(?:memcached|keepcached)_/)
        expect(help).to.match(/\.$/)
      }
    })

    it('count commands by outcome', async () => {
      const metrics = await scrape(admin())
      const counts = Object.fromEntries(
        [...metrics.get('memcached_commands_total')!.samples].map(([labels, value]) => [
          labels.replace(/\{command="(\w+)",status="(\w+)"\}/, '$1 $2'),
          value,
        ]),
      )
      expect(counts).to.deep.equal({
        'get hit': 3,
        'get miss': 1,
        'delete hit': 1,
        'delete miss': 1,
        'incr hit': 1,
        'incr miss': 1,
        'decr hit': 1,
        'decr miss': 1,
        'cas hit': 0,
        'cas miss': 1,
        'cas badval': 2,
        'touch hit': 1,
        'touch miss': 1,
        'flush hit': 1,
        'set hit': 4,
      })
      expect(
        figureOf(metrics, 'memcached_slab_commands_total', '{slab="1",command="get",status="hit"}'),
      ).to.equal(3)
    })

    it('show the figures of the statistics', async () => {
      const metrics = await scrape(admin())
      expect(figureOf(metrics, 'memcached_up')).to.equal(1)
      expect(figureOf(metrics, 'memcached_version', '{version="1.6.45"}')).to.equal(1)
      expect(figureOf(metrics, 'memcached_current_items')).to.equal(2)
      expect(figureOf(metrics, 'memcached_slab_current_items', '{slab="1"}')).to.equal(2)
      expect(figureOf(metrics, 'memcached_items_total')).to.be.at.least(4)
      expect(figureOf(metrics, 'memcached_limit_bytes')).to.equal(64 * 1024 * 1024)
      expect(figureOf(metrics, 'memcached_max_connections')).to.equal(1024)
      expect(figureOf(metrics, 'memcached_lru_crawler_enabled')).to.equal(1)
      expect(figureOf(metrics, 'memcached_process_user_cpu_seconds_total')).to.be.above(0)
      const now = Date.now() / 1000
      expect(figureOf(metrics, 'memcached_time_seconds')).to.be.within(now - 60, now + 60)
    })

    it('count open connections, in all and by worker and state', async () => {
      const connections = await Promise.all([1, 2, 3, 4].map(() => admin().connect()))
      for (const connection of connections) {
        connection.send(Buffer.from('version\r\n'))
        await connection.receiveUntil(Buffer.from('\r\n'))
      }
      // Earlier connections may be about to close, and a worker may be about to finish with one of these.
      let metrics = await scrape(admin())
      while (figureOf(metrics, 'keepcached_connections', '{state="read"}') !== 4)
        metrics = await scrape(admin())
      for (const connection of connections) connection.close()
      expect(figureOf(metrics, 'memcached_current_connections')).to.equal(4)
      const byWorker = [...metrics.get('keepcached_worker_connections')!.samples.values()]
      expect(byWorker).to.have.length(workers)
      expect(byWorker.reduce((sum, each) => sum + each)).to.equal(4)
      const byState = [...metrics.get('keepcached_connections')!.samples.values()]
      expect(byState.reduce((sum, each) => sum + each)).to.equal(4)
    })

    it('show workers, segments, listeners and how busy the threads are', async () => {
      const metrics = await scrape(admin())
      expect(figureOf(metrics, 'keepcached_workers')).to.equal(workers)
      const segments = [...metrics.get('keepcached_segments')!.samples]
      expect(segments.map(([labels]) => labels)).to.deep.equal([
        '{state="free"}',
        '{state="index"}',
        '{state="items"}',
      ])
      expect(segments.reduce((sum, [, value]) => sum + value, 0)).to.equal(256)
      expect(segments[2]![1]).to.be.above(0)
      const [listener] = metrics.get('keepcached_listener_info')!.samples.keys()
      expect(listener).to.equal(`{address="tcp:127.0.0.1:${admin().server.port}",wire="tcp"}`)
      const busy = [...metrics.get('keepcached_event_loop_busy_seconds_total')!.samples.values()]
      expect(busy).to.have.length(workers)
      for (const seconds of busy) expect(seconds).to.be.above(0)
    })

    it('show every counter once', async () => {
      const metrics = await scrape(admin())
      const own = COUNTERS.filter(({ name }) => metrics.has(`keepcached_${name}_total`))
      expect(own.map(({ name }) => name)).to.include.members(['get_expired', 'idle_kicks', 'internal_errors'])
      expect(own.map(({ name }) => name)).to.not.include('get_hits')
    })

    it('say nothing about the keys and values of clients', async () => {
      const { text } = await admin().send('/metrics')
      expect(text).to.not.match(/\bsky\b|\bblue\b/)
    })
  })

describe('metrics of a data directory', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepcached-admin-data-'))
  const admin = useAdmin({ dataDirectory: join(folder, 'data') })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('are there, and count what was written', async () => {
    const connection = await admin().connect()
    connection.send(Buffer.from('set sky 0 0 4\r\nblue\r\n'))
    await connection.receiveUntil(Buffer.from('STORED\r\n'))
    connection.close()
    const metrics = await scrape(admin())
    expect(figureOf(metrics, 'keepcached_journal_refusing')).to.equal(0)
    expect(figureOf(metrics, 'keepcached_journal_written_bytes_total')).to.be.above(0)
    expect(figureOf(metrics, 'keepcached_journal_snapshot_running')).to.equal(0)
    const names = [...metrics.keys()].filter((name) => name.startsWith('keepcached_journal_'))
    const lines = JSON.parse((await admin().send('/v1/stats')).text).journal
    // All lines but its mode and its latest error, which are texts.
    expect(names).to.have.length(Object.keys(lines).length - 2)
  })
})

describe('/v1/stats', () => {
  const admin = useAdmin({ detailEnabled: true })

  it('has all groups of statistics that the server has', async () => {
    const connection = await admin().connect()
    connection.send(Buffer.from('set user:1 0 0 4\r\nblue\r\nget user:1\r\n'))
    await connection.receiveUntil(Buffer.from('END\r\n'))
    const stats = JSON.parse((await admin().send('/v1/stats')).text)
    connection.close()
    expect(Object.keys(stats)).to.deep.equal([
      'general',
      'settings',
      'items',
      'slabs',
      'sizes',
      'conns',
      'detail',
    ])
    expect(stats.general).to.include({ curr_items: '1', cmd_get: '1' })
    expect(stats.settings).to.include({ maxconns: '1024' })
    expect(stats.items).to.include({ 'items:1:number': '1' })
    expect(stats.slabs).to.include({ active_slabs: '1' })
    expect(Object.values(stats.conns)).to.include(`tcp:127.0.0.1:${admin().server.port}`)
    expect(stats.detail.detailed).to.match(/^PREFIX user get 1 hit 1 set 1 del 0/)
  })
})
