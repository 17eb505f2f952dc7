/** Requests that have waited for a key, and those behind them, without sockets. */
import { setImmediate as nextRound } from 'node:timers/promises'
import { expect } from 'chai'
import { Counter } from '../../lib/metrics/counters.js'
import { WireByHand } from '../support/wire-by-hand.js'
import { createWorkerKit, type WorkerKit } from '../support/worker-kit.js'

const MEGABYTE = 1024 * 1024
const VALUE_LENGTH = MEGABYTE - 1000
/** Copies of the value for all of them would take more windows than there are. */
const READER_COUNT = 60
/** The head and the end of a reply, and a part of its value. */
const HELD_WINDOWS_MAX = 2
/** Longer than waiters may take in one round of the event loop. */
const LONG_WRITE_MS = 2

/** A client whose bytes arrive while the server reads. */
class Client extends WireByHand {
  private unread = ''
  private hasEnded = false

  ask(text: string): void {
    this.unread += text
    this.bring()
  }

  end(): void {
    this.hasEnded = true
    this.bring()
  }

  override resume(): void {
    super.resume()
    queueMicrotask(() => this.bring())
  }

  private bring(): void {
    const { unread } = this
    if (!this.isReading) return
    this.unread = ''
    if (unread !== '') this.receive(unread)
    if (this.isReading && this.hasEnded) this.connection.ended()
  }
}

const line = (text: string) => `${text}\r\n`
const noops = (count: number) => line('mn').repeat(count)

describe('A request that was woken', () => {
  let kit: WorkerKit
  let waiter: Client
  let other: Client

  beforeEach(() => {
    kit = createWorkerKit({
      memoryLength: 16 * MEGABYTE,
      protocol: 'auto',
      requestsPerTurn: 2,
      changes: MEGABYTE,
    })
    waiter = new Client(kit.worker)
    other = new Client(kit.worker)
  })

  afterEach(() => {
    for (const client of [waiter, other]) client.connection.closed()
  })

  /** Lets the feed read, and all have their turns. */
  async function rounds(count = 50): Promise<void> {
    for (let round = 0; round < count; round++) await nextRound()
  }

  const change = (key: string) => other.ask(line(`set ${key} 0 0 1 noreply`) + line('1'))

  it('is followed by the requests behind it, and another one that waits holds up those that come later', async () => {
    waiter.ask(line('mw one c0 T60') + noops(10) + line('mw two c0 T60') + noops(5))
    await rounds()
    change('one')
    for (let round = 0; round < 40; round++) {
      waiter.ask(noops(1))
      await nextRound()
    }
    await rounds()
    expect(waiter.text).match(/^HD c\d+\r\n(MN\r\n){10}$/)
    change('two')
    await rounds()
    expect(waiter.text).match(/^HD c\d+\r\n(MN\r\n){45}$/)
  })

  it('is answered with all behind it, though the client ends its side meanwhile', async () => {
    waiter.ask(line('mw one c0 T60') + noops(20))
    await rounds()
    change('one')
    let text = ''
    while (text === '') {
      await nextRound()
      text += waiter.text
    }
    waiter.end()
    await rounds()
    expect(text + waiter.text).match(/^HD c\d+\r\n(MN\r\n){20}$/)
    expect(waiter.finishCount).above(0)
  })

  for (const mayPin of [true, false])
    it(`takes no windows for a long value, ${mayPin ? 'which is pinned' : 'when no more may be pinned'}`, async () => {
      const readers = Array.from({ length: READER_COUNT }, () => new Client(kit.worker))
      for (const reader of readers) reader.ask(line('mw big c0 T60 v'))
      await rounds()
      const { segments } = kit.store
      if (!mayPin)
        for (let segment = segments.count - 1; kit.store.pins.mayPin; segment--) segments.pin(segment)
      for (const reader of readers) reader.isFull = true
      const takenCount = kit.worker.pool.takenCount
      other.ask(line(`set big 0 0 ${VALUE_LENGTH} noreply`) + line('x'.repeat(VALUE_LENGTH)))
      await rounds(200)
      expect(kit.worker.pool.takenCount - takenCount).at.most(READER_COUNT * HELD_WINDOWS_MAX)
      expect(kit.worker.counters.read(Counter.read_buf_oom)).equal(0)
      for (const reader of readers) {
        let { text } = reader
        while (text.length < VALUE_LENGTH) {
          const { length } = text
          reader.drain()
          text += reader.text
          expect(text.length).above(length)
        }
        expect(/^VA \d+ c\d+\r\nx+\r\n$/.test(text)).equal(true)
        reader.connection.closed()
      }
    })

  it('does not hold up the sockets until all others are answered', async () => {
    const countsByRound: number[] = []
    let count = 0
    class SlowClient extends Client {
      override sendAll(pieces: Buffer[]): boolean {
        count++
        const end = performance.now() + LONG_WRITE_MS
        while (performance.now() < end) {}
        return super.sendAll(pieces)
      }
    }
    const readers = Array.from({ length: 10 }, () => new SlowClient(kit.worker))
    for (const reader of readers) reader.ask(line('mw one c0 T60'))
    await rounds()
    change('one')
    while (count < readers.length) {
      const before = count
      await nextRound()
      countsByRound.push(count - before)
    }
    expect(Math.max(...countsByRound)).at.most(2)
    for (const reader of readers) reader.connection.closed()
  })
})
