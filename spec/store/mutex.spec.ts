import { expect } from 'chai'
import { Mutex } from '../../lib/store/lock/mutex.js'
import { sleepsAndWakes } from '../support/sleeps.js'

const WORD = 3

/** Two workers' views of a mutex. */
function mutexes(): [Mutex, Mutex, Int32Array] {
  const words = new Int32Array(new SharedArrayBuffer(32))
  return [new Mutex(words, WORD, false), new Mutex(words, WORD, false), words]
}

const SLEEP = 'sleep at 3 while it is 2, 100 ms at most'
const WAKE = 'wake 1 at 3'

describe('A mutex', () => {
  it('that is free is locked and unlocked without a sleep or a wake', () => {
    const [mutex, , words] = mutexes()
    expect(sleepsAndWakes(() => mutex.lock())).deep.equal([])
    expect(words[WORD]).equal(1)
    expect(sleepsAndWakes(() => mutex.unlock())).deep.equal([])
    expect([...words]).deep.equal([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('that is held makes others sleep until it is unlocked, and each wakes the next one', () => {
    const [mutex, other, words] = mutexes()
    mutex.lock()
    const waits = sleepsAndWakes(
      () => other.lock(),
      () => expect(words[WORD]).equal(2),
      () => mutex.unlock(),
    )
    expect(waits).deep.equal([SLEEP, SLEEP, WAKE])
    // Another worker may be asleep too.
    expect(words[WORD]).equal(2)
    expect(sleepsAndWakes(() => other.unlock())).deep.equal([WAKE])
    expect(words[WORD]).equal(0)
  })

  it('is polled for a while before a worker sleeps', () => {
    const [mutex, other, words] = mutexes()
    const { compareExchange } = Atomics
    let lookCount = 0
    const look = (...operands: Parameters<typeof compareExchange>) => {
      if (++lookCount === 150) mutex.unlock()
      return compareExchange(...operands)
    }
    mutex.lock()
    const descriptor = Object.getOwnPropertyDescriptor(Atomics, 'compareExchange')!
    Object.defineProperty(Atomics, 'compareExchange', { ...descriptor, value: look })
    try {
      expect(sleepsAndWakes(() => other.lock())).deep.equal([])
    } finally {
      Object.defineProperty(Atomics, 'compareExchange', descriptor)
    }
    expect(lookCount).equal(150)
    expect(words[WORD]).equal(1)
  })

  it('of a single worker is not locked, and its word does not change', () => {
    const words = new Int32Array(new SharedArrayBuffer(32)).fill(2)
    const mutex = new Mutex(words, WORD, true)
    const act = () => {
      mutex.lock()
      mutex.unlock()
    }
    expect(sleepsAndWakes(act)).deep.equal([])
    expect(words.every((word) => word === 2)).equal(true)
  })

  it('is known as held to its holder, and to no other, with one worker or several', () => {
    const [mutex, other, words] = mutexes()
    for (const mine of [mutex, new Mutex(words, WORD, true)]) {
      expect(mine.isHeld).equal(false)
      mine.lock()
      expect([mine.isHeld, other.isHeld]).deep.equal([true, false])
      mine.unlock()
      expect(mine.isHeld).equal(false)
    }
  })

  it('that is held is refused to a worker that only tries, without a sleep', () => {
    const [mutex, other, words] = mutexes()
    const answers: boolean[] = []
    const act = () => {
      answers.push(mutex.tryLock(), other.tryLock())
      mutex.unlock()
      answers.push(other.tryLock())
    }
    expect(sleepsAndWakes(act)).deep.equal([])
    expect(answers).deep.equal([true, false, true])
    expect([mutex.isHeld, other.isHeld]).deep.equal([false, true])
    expect(words[WORD]).equal(1)
    expect(new Mutex(words, WORD, true).tryLock()).equal(true)
  })
})
