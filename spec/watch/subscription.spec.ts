import { expect } from 'chai'
import { Subscription } from '../../lib/watch/subscription.js'

/** A socket that takes bytes at once, or only when told to. */
class SlowSink {
  isBusy = false
  taken = ''
  private given: Buffer | undefined = undefined

  send(bytes: Buffer): boolean {
    if (this.given !== undefined) throw new Error('the socket is still full')
    if (this.isBusy) this.given = bytes
    else this.taken += bytes.toString()
    return !this.isBusy
  }

  /** The bytes are read only now: they must not have changed. */
  take(): void {
    this.taken += this.given!.toString()
    this.given = undefined
  }
}

const BUFFER_LENGTH = 4096
const lineOf = (number: number) => `line ${`${number}`.padStart(94, '0')}\n`
const lines = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => lineOf(first + index)).join('')

describe('Lines that wait for a watcher', () => {
  function subscribe(bufferLength = BUFFER_LENGTH) {
    const sink = new SlowSink()
    return { sink, subscription: new Subscription(1, 1, bufferLength, sink) }
  }

  it('are sent when they are flushed, or when the buffer is full', () => {
    const { sink, subscription } = subscribe()
    for (let number = 1; number <= 40; number++) expect(subscription.add(lineOf(number))).to.equal(true)
    expect(sink.taken).to.equal('')
    expect(subscription.add(lineOf(41))).to.equal(true)
    expect(sink.taken).to.equal(lines(1, 40))
    subscription.flush()
    expect(sink.taken).to.equal(lines(1, 41))
  })

  it('stay within the buffer while the socket is full, and the rest is left out and counted', () => {
    const { sink, subscription } = subscribe()
    sink.isBusy = true
    let kept = 0
    for (let number = 1; number <= 1000; number++) {
      if (subscription.add(lineOf(number))) kept++
      subscription.flush()
    }
    expect(kept).to.equal(Math.floor(BUFFER_LENGTH / lineOf(0).length))
    sink.isBusy = false
    sink.take()
    subscription.drained()
    expect(sink.taken).to.equal(`${lines(1, kept)}skipped=${1000 - kept}\n`)
    expect(subscription.add(lineOf(1001))).to.equal(true)
    subscription.flush()
    expect(sink.taken).to.equal(`${lines(1, kept)}skipped=${1000 - kept}\n${lineOf(1001)}`)
  })

  it('are sent in order when a socket is slow again and again', () => {
    const { sink, subscription } = subscribe()
    sink.isBusy = true
    let next = 1
    for (let round = 0; round < 50; round++) {
      for (let count = 0; count < round; count++) subscription.add(lineOf(next++))
      subscription.flush()
      if (round === 0) continue
      sink.take()
      subscription.drained()
    }
    const told = [...sink.taken.matchAll(/^(?:line 0*(\d+)|skipped=(\d+))$/gm)]
    let expected = 1
    for (const [, number, skipped] of told) {
      if (number !== undefined) expect(Number(number)).to.equal(expected++)
      else expected += Number(skipped)
    }
    expect(told.some(([, , skipped]) => skipped !== undefined)).to.equal(true)
    expect(`${told.map(([text]) => text).join('\n')}\n`).to.equal(sink.taken)
  })

  it('have room for one line, however small the buffer is', () => {
    const { sink, subscription } = subscribe(1)
    const long = `${'l'.repeat(1400)}\n`
    expect(subscription.add(long)).to.equal(true)
    subscription.flush()
    expect(sink.taken).to.equal(long)
  })
})
