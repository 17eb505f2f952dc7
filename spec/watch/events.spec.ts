import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Counter, Counters } from '../../lib/metrics/counters.js'
import { Ending, EventType, Found, Outcome, StoreVerb, Transport } from '../../lib/watch/event.js'
import { EventReader } from '../../lib/watch/event-reader.js'
import { Events } from '../../lib/watch/events.js'
import { EventKind } from '../../lib/watch/kinds.js'
import { lineOf } from '../../lib/watch/lines.js'
import { Rings } from '../../lib/watch/rings.js'

const RING_LENGTH = 1024
const TEXT_PLACE_LENGTH = 1024
const CONNECTION = 27

/** A worker with its ring, and its view of the others'. */
interface Seen {
  readonly rings: Rings
  readonly events: Events
  readonly reader: EventReader
  readonly counters: Counters
  lookUp(key: string): void
  /** The lines of all events, without their time. */
  lines(countMax?: number): string[]
}

function workersOver(workerCount: number, bufferLength = RING_LENGTH, spareLength = 0): Seen[] {
  const arena = Arena.create(
    Rings.regionLength(workerCount, bufferLength) +
      Counters.regionLength(workerCount) +
      TEXT_PLACE_LENGTH +
      spareLength,
    workerCount,
  )
  return Array.from({ length: workerCount }, (_, worker) => {
    const view = worker === 0 ? arena : Arena.attach(arena.memory, { worker, workerCount })
    const counters = Counters.over(view)
    const rings = new Rings(view, bufferLength)
    const textStart = view.reserve(TEXT_PLACE_LENGTH)
    const events = new Events(rings, counters)
    const reader = new EventReader(rings)
    return {
      rings,
      events,
      reader,
      counters,
      lookUp(key) {
        events.refresh()
        const length = view.bytes.write(key, textStart, 'latin1')
        events.lookedUp(Found.FOUND, textStart, length, CONNECTION, 5)
      },
      lines(countMax = Number.POSITIVE_INFINITY) {
        const found: string[] = []
        reader.read(countMax, (event) => found.push(lineOf(rings, event).replace(/^ts=\S+ /, '')))
        return found
      },
    }
  })
}

const found = (gid: number, key: string) =>
  `gid=${gid} type=item_get key=${key} status=found clsid=1 cfd=27 size=5\n`

describe('The events of workers', () => {
  it('are written only while a watcher wants their kind', () => {
    const [worker] = workersOver(1) as [Seen]
    worker.rings.beginReading()
    worker.lookUp('before')
    worker.rings.want(EventKind.MUTATIONS)
    worker.lookUp('other')
    worker.rings.want(EventKind.MUTATIONS | EventKind.FETCHERS)
    worker.lookUp('wanted')
    worker.rings.want(0)
    worker.lookUp('after')
    expect(worker.lines()).to.deep.equal([found(1, 'wanted')])
  })

  it('are wanted by all workers when a watcher of one of them wants them', () => {
    const [first, second, third] = workersOver(3) as [Seen, Seen, Seen]
    second.rings.want(EventKind.FETCHERS)
    third.rings.want(EventKind.EVICTIONS)
    expect(first.rings.wanted).to.equal(EventKind.FETCHERS | EventKind.EVICTIONS)
    second.rings.want(0)
    expect(first.rings.wanted).to.equal(EventKind.EVICTIONS)
  })

  it('come in the order of their numbers, whichever worker wrote or reads them', () => {
    const [first, second] = workersOver(2) as [Seen, Seen]
    for (const { rings } of [first, second]) rings.beginReading()
    first.rings.want(EventKind.FETCHERS)
    for (const [index, worker] of [first, second, second, first, second].entries()) worker.lookUp(`${index}`)
    const lines = ['0', '1', '2', '3', '4'].map((key, index) => found(index + 1, key))
    expect(first.lines(2)).to.deep.equal(lines.slice(0, 2))
    expect(second.lines()).to.deep.equal(lines)
    expect(first.lines()).to.deep.equal(lines.slice(2))
    expect(first.lines()).to.deep.equal([])
  })

  it('wait for those that are being published: an earlier number is never behind a later one', () => {
    const [first, second] = workersOver(2) as [Seen, Seen]
    first.rings.beginReading()
    first.rings.want(EventKind.FETCHERS)
    // The second worker has a number, and its thread is interrupted before the event can be seen.
    const { publish } = second.rings
    let interruption: string[] = []
    second.rings.publish = (gidPlace, written) => {
      const gids = second.rings.nextGid.bind(second.rings)
      second.rings.nextGid = () => {
        const gid = gids()
        first.lookUp('later')
        interruption = first.lines()
        return gid
      }
      publish.call(second.rings, gidPlace, written)
    }
    second.lookUp('earlier')
    expect(interruption).to.deep.equal([])
    expect(first.lines()).to.deep.equal([found(1, 'earlier'), found(2, 'later')])
  })

  it('are dropped and counted when the slowest reader has left no room, without waiting', () => {
    const [first, second] = workersOver(2) as [Seen, Seen]
    for (const { rings } of [first, second]) rings.beginReading()
    first.rings.want(EventKind.FETCHERS)
    const keys = Array.from({ length: 100 }, (_, index) => `key${index}`)
    for (const key of keys) {
      first.lookUp(key)
      first.lines()
    }
    const written = first.counters.read(Counter.log_worker_written)
    expect(written).within(1, 99)
    expect(first.counters.read(Counter.log_worker_dropped)).to.equal(100 - written)
    expect(second.lines().length).to.equal(written)
    // What was dropped has no number: the next event follows the last that was kept.
    first.lookUp('next')
    expect(second.lines()).to.deep.equal([found(written + 1, 'next')])
  })

  it('do not wait for a reader that has ended', () => {
    const [first, second] = workersOver(2) as [Seen, Seen]
    for (const { rings } of [first, second]) rings.beginReading()
    first.rings.want(EventKind.FETCHERS)
    second.rings.endReading()
    for (let index = 1; index <= 1000; index++) {
      first.lookUp(`key${index}`)
      expect(first.lines()).to.deep.equal([found(index, `key${index}`)])
    }
    second.rings.beginReading()
    expect(second.lines()).to.deep.equal([])
    first.lookUp('later')
    expect(second.lines()).to.deep.equal([found(1001, 'later')])
  })

  it('are whole wherever the ring ends, with keys of every length', () => {
    const [worker] = workersOver(1) as [Seen]
    worker.rings.beginReading()
    worker.rings.want(EventKind.FETCHERS)
    for (let index = 1; index <= 2000; index++) {
      const key = 'k'.repeat((index * 37) % 251)
      worker.lookUp(key)
      expect(worker.lines()).to.deep.equal([found(index, key)])
    }
  })

  it('continue when the count of bytes ever written wraps', () => {
    const [worker] = workersOver(1, RING_LENGTH) as [Seen]
    // Just below 2^31 and 2^32 the count changes its sign, and wraps to 0.
    for (const start of [0x7fff_fe00, -512]) {
      worker.rings.publish(worker.rings.place(0, 0) / 2 + 2, start)
      worker.rings.beginReading()
      worker.rings.want(EventKind.FETCHERS)
      for (let index = 0; index < 50; index++) {
        worker.lookUp(`key${index}`)
        expect(worker.lines().length).to.equal(1)
      }
      worker.rings.endReading()
    }
  })
})

describe('The line of an event', () => {
  /** The line for a text, in the only event. */
  function lineOfOne(
    kind: number,
    text: string,
    tell: (events: Events, start: number, length: number) => void,
    spareLength = 0,
  ): string {
    const [worker] = workersOver(1, RING_LENGTH, spareLength) as [Seen]
    const { rings, events, reader } = worker
    rings.beginReading()
    rings.want(kind)
    events.refresh()
    const start = rings.bytes.length - 2 * TEXT_PLACE_LENGTH
    tell(events, start, rings.bytes.write(text, start, text.length, 'latin1'))
    const lines: string[] = []
    reader.read(1, (event) => lines.push(lineOf(rings, event)))
    return lines[0]!
  }

  it('begins with the time of day, in seconds with six decimals', () => {
    const before = Date.now()
    const line = lineOfOne(EventKind.FETCHERS, '', (events, start) =>
      events.lookedUp(Found.NOT_FOUND, start, 0, 1, 0),
    )
    const [, seconds] =
      /^ts=(\d+\.\d{6}) gid=1 type=item_get key= status=not_found clsid=0 cfd=1 size=0\n$/.exec(line)!
    expect(Number(seconds) * 1000).within(before - 5, Date.now() + 5)
  })

  const rest = (line: string) => line.slice(line.indexOf('type='))

  it('has the key as in a URI', () => {
    const line = lineOfOne(EventKind.FETCHERS, 'aZ09-._~ %#/\xff\x00', (events, start, length) =>
      events.lookedUp(Found.EXPIRED, start, length, 3, 0),
    )
    expect(rest(line)).to.equal(
      'type=item_get key=aZ09-._~%20%25%23%2F%FF%00 status=expired clsid=0 cfd=3 size=0\n',
    )
  })

  it('has the number of a connection also beyond 2^31', () => {
    const line = lineOfOne(EventKind.FETCHERS, 'key', (events, start, length) =>
      events.lookedUp(Found.FOUND, start, length, 2 ** 31 + 3, 5),
    )
    expect(rest(line)).to.equal(`type=item_get key=key status=found clsid=1 cfd=${2 ** 31 + 3} size=5\n`)
  })

  it('has the result of a store', () => {
    const line = lineOfOne(EventKind.MUTATIONS, 'key', (events, start, length) =>
      events.stored(Outcome.EXISTS, StoreVerb.CAS, start, length, 3, 7, 100),
    )
    expect(rest(line)).to.equal(
      'type=item_store key=key status=exists cmd=cas ttl=100 clsid=1 cfd=3 size=7\n',
    )
  })

  it('has the remaining time to live of an evicted item, and the time since its last read', () => {
    const line = lineOfOne(EventKind.EVICTIONS, 'key', (events, start, length) =>
      events.evicted(true, start, length, 7, -1, 12),
    )
    expect(rest(line)).to.equal('type=eviction key=key fetch=yes ttl=-1 la=12 clsid=1 size=7\n')
  })

  // Some functions of Node count bytes in 31 bits.
  for (const spareLength of [0, 2 ** 31])
    it(`has the address of a connection and why it ended, before ${spareLength} other bytes of memory`, () => {
      const tell = (events: Events) =>
        events.connection(EventType.CONN_CLOSE, Ending.IDLE_TIMEOUT, Transport.UDP, 30, '::1', 65535)
      expect(rest(lineOfOne(EventKind.CONNEVENTS, '', tell, spareLength))).to.equal(
        'type=conn_close rip=::1 rport=65535 transport=udp reason=idle_timeout cfd=30\n',
      )
    })

  it('has the reason for clearing a segment', () => {
    const line = lineOfOne(EventKind.SYSEVENTS, '', (events) => events.clears(12, true, 4711))
    expect(rest(line)).to.equal('type=segment_clear segment=12 purpose=evict live=4711\n')
  })

  it('is one line, whatever came in a command, and the command is cut where it is long', () => {
    for (const [sent, told] of [
      ['get a\r\nget b\r\n', 'get a'],
      ['get \x1b\x00\xff\x7f\n', 'get %1B%00%FF%7F'],
      ['g'.repeat(451), 'g'.repeat(450)],
    ] as const) {
      const line = lineOfOne(EventKind.RAWCMDS, sent, (events, start, length) => {
        events.prepareCommand(3, start, start + length)
        events.tellCommand()
      })
      expect(line.slice(line.indexOf('<'))).to.equal(`<3 ${told}\n`)
    }
  })
})
