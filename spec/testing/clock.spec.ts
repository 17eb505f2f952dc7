/** The clock of a test server: what a test moves, every protocol follows at once. */
import { expect } from 'chai'
import { Arena } from '../../lib/arena/arena.js'
import { Clock } from '../../lib/store/time/clock.js'
import { TestClock } from '../../lib/testing/time/test-clock.js'
import { Op, request, statusOf } from '../support/frames.js'
import { Kit, setFrame } from './kit.js'

const START = '2030-01-01T00:00:00.000Z'

describe('the clock of a test server', () => {
  const kit = new Kit()
  afterEach(() => kit.end())

  it('stands still if it is manual, and moves as the test says', async () => {
    const { clock } = await kit.start({ clock: 'manual', now: START })
    expect(clock.now.toISOString()).to.equal(START)
    clock.advance(90)
    expect(clock.now.toISOString()).to.equal('2030-01-01T00:01:30.000Z')
    for (const by of ['500ms', '30s', '1m', '1h', '1d']) clock.advance(by)
    expect(clock.now.toISOString()).to.equal('2030-01-02T01:03:00.500Z')
    clock.set('2031-01-01')
    clock.set(new Date('2032-01-01'))
    clock.set(Date.parse('2033-01-01'))
    expect(clock.now.toISOString()).to.equal('2033-01-01T00:00:00.000Z')
  })

  it('passes by itself otherwise, and can be moved as well', async () => {
    const { clock } = await kit.start()
    const before = clock.now.getTime()
    expect(Math.abs(before - Date.now())).to.be.below(60_000)
    clock.advance('1d')
    const moved = clock.now.getTime()
    expect(moved - before).to.be.at.least(86_400_000)
    while (clock.now.getTime() === moved) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(clock.now.getTime()).to.be.above(moved)
  })

  it('expires items in every protocol', async () => {
    const server = await kit.start({ clock: 'manual' })
    await kit.ask(server, 'set text 0 60 1\r\na\r\nms meta 1 T60\r\na\r\n')
    await kit.askFrame(server, setFrame('binary', 'a', 60))
    const stores = ['text', 'meta', 'binary']
    server.clock.advance(59)
    expect(server.items().map(({ key }) => key)).to.have.members(stores)
    expect(await kit.ask(server, 'mg text t\r\n')).to.equal('HD t1\r\n')
    server.clock.advance(1)
    expect(await kit.ask(server, 'get text meta binary\r\nmg text v\r\n')).to.equal('END\r\nEN\r\n')
    for (const key of stores)
      expect(statusOf(await kit.askFrame(server, request(Op.GET, { key })))).to.equal(1)
    expect(server.items()).to.deep.equal([])
    expect(server.statistics()['curr_items']).to.equal('0')
  })

  it('counts what has expired no more, though nobody has asked for it', async () => {
    const server = await kit.start({ clock: 'manual', items: { a: { value: '', expiry: 10 }, b: '' } })
    server.clock.advance(10)
    expect(server.statistics()).to.include({ curr_items: '1', expired_unfetched: '1' })
  })

  it('makes ages and times to live follow', async () => {
    const server = await kit.start({ clock: 'manual', now: START })
    await kit.ask(server, 'set a 0 1000 1\r\na\r\n')
    server.clock.advance(400)
    expect(await kit.ask(server, 'mg a t l h\r\n')).to.equal('HD t600 l400 h0\r\n')
    expect(server.statistics()).to.include({ uptime: '400', time: `${Date.parse(START) / 1000 + 400}` })
  })

  it('has a delayed flush happen', async () => {
    const server = await kit.start({ clock: 'manual', items: { a: '1' } })
    expect(await kit.ask(server, 'flush_all 100\r\n')).to.equal('OK\r\n')
    server.clock.advance(99)
    expect(server.items().length).to.equal(1)
    server.clock.advance(1)
    expect(server.items().length).to.equal(0)
    expect(server.statistics()).to.include({ curr_items: '0', get_flushed: '0' })
  })

  it('can be moved by a client that may, with debugtime', async () => {
    const server = await kit.start({ clock: 'manual', now: START, debugTime: true })
    await kit.ask(server, 'debugtime 10\r\n')
    expect(server.clock.now.toISOString()).to.equal('2030-01-01T00:00:10.000Z')
  })

  it('refuses to run backwards, or beyond what a cache can count', async () => {
    const { clock } = await kit.start({ clock: 'manual', now: START })
    expect(() => clock.set('2029-12-31')).to.throw(RangeError, /^clock: 2029-12-31T00:00:00.000Z has passed/)
    expect(() => clock.set('2120-01-01')).to.throw(
      RangeError,
      /^clock.set: a time lies between 1970 and 2106/,
    )
    expect(() => clock.advance('100000d')).to.throw(RangeError, /^clock: a time lies between/)
    expect(clock.now.toISOString()).to.equal(START)
  })

  it('names what is wrong', async () => {
    const { clock } = await kit.start()
    for (const by of [-1, Number.NaN, Number.POSITIVE_INFINITY, '1', '1y', null, undefined, {}])
      expect(() => clock.advance(by as number), `${by}`).to.throw(TypeError, /^clock\.advance: /)
    for (const time of ['tomorrow', null, undefined, {}, Number.NaN])
      expect(() => clock.set(time as string), `${time}`).to.throw(TypeError, /^clock\.set: /)
  })

  for (const isManual of [true, false])
    it(`knows when it was read in real time, also if it ${isManual ? 'stands still' : 'was moved'}`, () => {
      const clock = new TestClock(Arena.create(Clock.regionLength()), isManual, Date.parse(START))
      const beforeMs = clock.steadyMs()
      clock.advance(3600)
      clock.refresh()
      expect(clock.readMs).to.be.within(beforeMs, clock.steadyMs())
    })
})
