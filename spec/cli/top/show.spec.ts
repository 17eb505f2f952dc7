/** What `keepcached top` makes of the statistics of servers, and how it shows them. */
import { expect } from 'chai'
import { figuresOf, readingOf } from '../../../lib/cli/top/reading.js'
import { asJson, asLine, asTable } from '../../../lib/cli/top/show.js'

type Statistics = Readonly<Record<string, number | string>>

const linesOf = (statistics: Statistics) =>
  Object.entries(statistics).map(([name, value]) => [name, `${value}`] as const)

const BEFORE: Statistics = {
  version: '1.6.45',
  uptime: 100,
  cmd_get: 1000,
  get_hits: 900,
  get_misses: 100,
  cmd_set: 10,
  delete_hits: 1,
  delete_misses: 1,
  evictions: 5,
  curr_items: 7,
  bytes: 1_048_576,
  limit_maxbytes: 4 * 1_048_576,
  curr_connections: 3,
  bytes_read: 0,
  bytes_written: 1024,
  rusage_user: '1.500000',
  rusage_system: '0.500000',
}
const NOW: Statistics = {
  ...BEFORE,
  uptime: 90_002,
  cmd_get: 3000,
  get_hits: 2400,
  get_misses: 600,
  cmd_set: 30,
  delete_hits: 2,
  delete_misses: 4,
  evictions: 25,
  bytes_read: 3 * 1_048_576,
  bytes_written: 5120,
  rusage_user: '1.750000',
  rusage_system: '0.750000',
}
const HOT: Statistics = {
  '10s:reads:keys:1': '500 3 user:1',
  '10s:reads:keys:2': '40 3 user%0a2',
  '10s:writes:keys:1': '9 0 other',
  'start:reads:keys:1': '900 0 other',
}

const before = readingOf(linesOf(BEFORE), undefined, 1000)
const now = readingOf(linesOf(NOW), linesOf(HOT), 3000)

describe('the figures of top', () => {
  it('are rates, and the hit ratio, between two readings', () => {
    expect(figuresOf(before, now)).to.deep.equal({
      version: '1.6.45',
      uptimeSeconds: 90_002,
      getsPerSecond: 1000,
      setsPerSecond: 10,
      deletesPerSecond: 2,
      hitRatio: 0.75,
      evictionsPerSecond: 10,
      items: 7,
      bytes: 1_048_576,
      bytesMax: 4 * 1_048_576,
      connections: 3,
      receivedBytesPerSecond: 1.5 * 1_048_576,
      sentBytesPerSecond: 2048,
      cpu: 0.25,
      hotKeys: [
        { key: 'user:1', reads: 500 },
        { key: 'user%0a2', reads: 40 },
      ],
    })
  })

  it('have no rates in the first reading, nor in the first one of a server that was started again', () => {
    const restarted = readingOf(linesOf({ ...NOW, uptime: 1 }), undefined, 3000)
    for (const figures of [figuresOf(undefined, now), figuresOf(before, restarted)]) {
      expect(figures).to.include({ getsPerSecond: undefined, cpu: undefined, hitRatio: undefined, items: 7 })
    }
  })

  it('have no rate of a counter that was reset, or that the server does not have', () => {
    const { evictions: _, ...others } = NOW
    const reset = readingOf(linesOf({ ...others, cmd_get: 5 }), undefined, 3000)
    expect(figuresOf(before, reset)).to.include({
      getsPerSecond: undefined,
      evictionsPerSecond: undefined,
      setsPerSecond: 10,
    })
  })

  it('have no numbers that are none', () => {
    const odd = { bytes: '1e400', curr_items: 'Infinity', limit_maxbytes: '-5', curr_connections: 'many' }
    const hot = {
      '10s:reads:keys:1': 'nonsense',
      '10s:reads:keys:2': '1e999 0 a',
      '10s:reads:keys:3': '-5 0 b',
    }
    expect(figuresOf(undefined, readingOf(linesOf(odd), linesOf(hot), 1000))).to.deep.include({
      bytes: undefined,
      items: undefined,
      bytesMax: undefined,
      connections: undefined,
      hotKeys: [],
    })
  })

  it('have no hit ratio without gets', () => {
    expect(figuresOf(now, readingOf(linesOf(NOW), undefined, 4000))).to.include({
      hitRatio: undefined,
      getsPerSecond: 0,
    })
  })
})

describe('the views of top', () => {
  const one = { name: 'a:11211', state: { figures: figuresOf(before, now) } }
  const other = { name: 'b:11211', state: { error: 'connect ECONNREFUSED \x1b[2J' } }
  const time = new Date('2030-01-31T12:00:00Z')

  it('are a table with a column for each server', () => {
    expect(asTable([one, other], 'title', { columns: 80, rows: 40 })).to.deep.equal([
      'title',
      '',
      '                a:11211                         b:11211',
      'version         1.6.45                          connect ECONNREFUSED ?[2J',
      'up              1d01:00:02',
      'gets/s          1,000',
      'sets/s          10',
      'deletes/s       2',
      'hit ratio       75.0%',
      'evictions/s     10',
      'items           7',
      'memory          1.0MB',
      'of its limit    25.0%',
      'connections     3',
      'received/s      1.5MB',
      'sent/s          2.0KB',
      'CPU             25.0%',
      'hot keys, 10 s  500 user:1',
      '                40 user%0a2',
    ])
  })

  it('fit the terminal: the table says how many servers it has no room for', () => {
    const lines = asTable([one, other, one], 'title', { columns: 40, rows: 5 })
    expect(lines).to.have.length(5)
    expect(lines[1]).to.equal('2 more: make the terminal wider')
    for (const line of lines) expect(line.length).to.be.at.most(40)
  })

  it('are a line of words for a pipe', () => {
    expect(asLine(one, time)).to.equal(
      '2030-01-31T12:00:00.000Z a:11211 version=1.6.45 up=1d01:00:02 gets/s=1000 sets/s=10 deletes/s=2 hits=75.0% ' +
        'evictions/s=10 items=7 memory=1.0MB full=25.0% connections=3 in/s=1.5MB out/s=2.0KB cpu=25.0% ' +
        'hot=user:1,user%0a2',
    )
    expect(asLine(other, time)).to.equal(
      '2030-01-31T12:00:00.000Z b:11211 no answer: connect ECONNREFUSED ?[2J',
    )
  })

  it('have a dash for the share of a limit that is unknown or 0', () => {
    const { bytes: _, ...withoutBytes } = NOW
    const { limit_maxbytes: __, ...withoutLimit } = NOW
    for (const statistics of [withoutBytes, withoutLimit, { ...NOW, limit_maxbytes: 0 }]) {
      const figures = figuresOf(undefined, readingOf(linesOf(statistics), undefined, 1000))
      expect(asLine({ name: 'a', state: { figures } }, time)).to.include(' full=- ')
    }
  })

  it('are an object with the same fields each time for a script', () => {
    const first = JSON.parse(asJson({ ...one, state: { figures: figuresOf(undefined, now) } }, time))
    const second = JSON.parse(asJson(one, time))
    expect(Object.keys(first)).to.deep.equal(Object.keys(second))
    expect(second).to.deep.include({ server: 'a:11211', getsPerSecond: 1000, hitRatio: 0.75 })
    expect(first).to.include({ getsPerSecond: null })
    expect(JSON.parse(asJson(other, time))).to.include({ error: 'connect ECONNREFUSED \x1b[2J' })
  })
})
