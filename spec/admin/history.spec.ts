/** The figures of the last hour, which the page shows. */
import { mock } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { expect } from 'chai'
import { History, SAMPLE_SECONDS } from '../../lib/admin/history/history.js'
import { SampleRing } from '../../lib/admin/history/ring.js'
import type { AdminAccess } from '../../lib/server/admin-access.js'
import { errorOf, useAdmin } from '../support/admin.js'
import { eventually } from '../support/eventually.js'

interface Reply {
  readonly server: Record<string, unknown>
  readonly seconds: number
  readonly time: number[]
  readonly figures: Record<string, number[]>
  readonly latency: { endUs: number | null; counts: number[] }[]
}

/** Columns have a first value, and then differences. */
const sumOf = (column: readonly number[]): number => column.reduce((sum, more) => sum + more)

describe('a ring of samples', () => {
  it('keeps the latest ones, the oldest of them first', () => {
    const ring = new SampleRing(2, 3)
    expect(ring.after(0)).to.deep.equal([])
    for (const time of [10, 20, 30, 40]) ring.add(time, [time + 1, time + 2])
    const rows = ring.after(0).map((row) => [...row])
    expect(rows).to.deep.equal([
      [20, 21, 22],
      [30, 31, 32],
      [40, 41, 42],
    ])
  })

  it('returns those that are later than a time', () => {
    const ring = new SampleRing(1, 3)
    for (const time of [10, 20, 30, 40]) ring.add(time, [1])
    expect(ring.after(30).map(([time]) => time)).to.deep.equal([40])
    expect(ring.after(40)).to.deep.equal([])
  })
})

describe('the history of a server', () => {
  const access = {
    isServing: true,
    statistics: () => [['get_hits', '7']],
    store: { figures: { freeSegmentCount: 1, segmentCount: 5, indexSegmentCount: 1 } },
    insight: { latency: { figures: () => [] } },
    utilizations: [{ active: 1500 }, { active: 500 }],
  }

  beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'Date'] }))
  afterEach(() => mock.timers.reset())

  it('has a sample for every ten seconds, of one hour', () => {
    const history = new History(access as unknown as AdminAccess)
    mock.timers.tick(SAMPLE_SECONDS * 1000 - 1)
    // The one of this moment is not kept.
    expect(history.after(0)).to.have.length(1)
    expect(history.after(0)).to.have.length(1)
    mock.timers.tick(1)
    expect(history.after(0).map(([time]) => time)).to.deep.equal([10_000, 10_000])
    for (let count = 0; count < 1000; count++) mock.timers.tick(SAMPLE_SECONDS * 1000)
    const times = history.after(0).map(([time]) => time)
    expect(times).to.have.length(361)
    expect(times.at(-1)! - times[0]!).to.equal(3_590_000)
    history.close()
  })

  it('has none while the server does not serve, and none after its end', () => {
    const starting = { ...access, isServing: false }
    const history = new History(starting as unknown as AdminAccess)
    mock.timers.tick(60_000)
    expect(history.after(0)).to.have.length(1)
    starting.isServing = true
    mock.timers.tick(10_000)
    history.close()
    mock.timers.tick(60_000)
    expect(history.after(0)).to.have.length(2)
  })
})

describe('GET /v1/history', () => {
  const admin = useAdmin({ workers: 2 })

  async function ask(query = ''): Promise<Reply> {
    const { status, text } = await admin().send(`/v1/history${query}`)
    expect(status, text).to.equal(200)
    return JSON.parse(text)
  }

  it('ends with the figures of this moment, by the names of the statistics', async () => {
    const connection = await admin().connect()
    connection.send(Buffer.from('set a 0 0 1 noreply\r\n1\r\nget a\r\nget b\r\nmn\r\n'))
    await connection.receiveUntil(Buffer.from('MN\r\n'))
    const { figures, time, seconds, latency } = await ask()
    expect(seconds).to.equal(10)
    expect(time.reduce((sum, more) => sum + more)).to.be.closeTo(Date.now(), 60_000)
    const latest = Object.fromEntries(Object.entries(figures).map(([name, column]) => [name, sumOf(column)]))
    expect(latest).to.include({ get_hits: 1, get_misses: 1, cmd_set: 1, curr_items: 1, curr_connections: 1 })
    expect(latest['bytes_read']).to.be.above(0)
    expect(latest['segments_items']).to.be.above(0)
    expect(latest['segments_free']! + latest['segments_items']! + latest['segments_index']!).to.be.above(100)
    expect(latest['busy_seconds']).to.be.above(0)
    expect(latest['resident_bytes']).to.be.above(1_000_000)
    for (const { endUs } of latency) expect(endUs).to.be.above(0)
    for (const column of [...Object.values(figures), ...latency.map(({ counts }) => counts)])
      expect(column).to.have.length(time.length)
    connection.close()
    // Requests are recorded after their replies.
    const countOf = async (): Promise<number> =>
      (await ask()).latency.reduce((sum, { counts }) => sum + sumOf(counts), 0)
    await eventually(4, countOf)
  })

  it('says what the page depends on', async () => {
    const { server } = await ask()
    expect(server).to.deep.include({
      pid: process.pid,
      workers: 2,
      memoryBytes: 64 * 1024 * 1024,
      connectionsMax: 1024,
      mayWrite: false,
      mayFlush: false,
      mayList: true,
      hasChanges: false,
      delimiter: ':',
    })
  })

  it('leaves out what the client has', async () => {
    const now = Date.now()
    const { time } = await ask(`?since=${now + 3_600_000}`)
    expect(time).to.have.length(1)
    expect(errorOf(await admin().send('/v1/history?since=x'))).to.match(/^since: give a number/)
  })

  it('is compressed for clients that can read it so', async () => {
    const { headers, body } = await admin().send('/v1/history', {
      headers: { 'accept-encoding': 'br, gzip' },
    })
    expect(headers).to.include({ 'content-encoding': 'gzip', 'content-type': 'application/json' })
    expect(JSON.parse(gunzipSync(body).toString())).to.have.keys(
      'server',
      'seconds',
      'time',
      'figures',
      'latency',
    )
    for (const encoding of ['br', 'gzip;q=0', 'gzip; q=0.0, br', 'xgzip2'])
      expect(
        (await admin().send('/v1/history', { headers: { 'accept-encoding': encoding } })).headers,
        encoding,
      ).not.to.have.property('content-encoding')
  })
})

describe('GET /v1/history of a server with a token', () => {
  const admin = useAdmin({ hasToken: true })

  it('requires it', async () => {
    expect((await admin().send('/v1/history')).status).to.equal(401)
    expect((await admin().sendWithToken('/v1/history')).status).to.equal(200)
  })
})
