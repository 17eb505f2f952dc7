import { expect } from 'chai'
import { Mutex } from '../../lib/store/mutex.js'

const WORD = 3

/** Two workers' views of a mutex. */
function mutexes(): [Mutex, Mutex, Int32Array] {
  const words = new Int32Array(new SharedArrayBuffer(32))
  return [new Mutex(words, WORD, false), new Mutex(words, WORD, false), words]
}

/** Which sleeps and wakes there are while something happens, and what others do in place of each sleep. */
function sleepsAndWakes(act: () => void, ...inPlaceOfSleep: (() => void)[]): string[] {
  const seen: string[] = []
  const originals = { ...Object.getOwnPropertyDescriptors(Atomics) }
  const wait = (_words: Int32Array, word: number, value: number, ms: number) => {
    seen.push(`sleep at ${word} while it is ${value}, ${ms} ms at most`)
    const others = inPlaceOfSleep.shift()
    if (others === undefined) expect.fail('sleeps for ever')
    others()
  }
  const notify = (_words: Int32Array, word: number, count: number) => {
    seen.push(`wake ${count} at ${word}`)
  }
  Object.defineProperty(Atomics, 'wait', { ...originals.wait, value: wait })
  Object.defineProperty(Atomics, 'notify', { ...originals.notify, value: notify })
  try {
    act()
  } finally {
    Object.defineProperties(Atomics, originals)
  }
  expect(inPlaceOfSleep).deep.equal([])
  return seen
}

const SLEEP = 'sleep at 3 while it is 2, 100 ms at most'
const WAKE = 'wake 1 at 3'

describe('A mutex', () => {
  it('that is free is taken and given back without a sleep or a wake', () => {
    const [mutex, , words] = mutexes()
    expect(sleepsAndWakes(() => mutex.lock())).deep.equal([])
    expect(words[WORD]).equal(1)
    expect(sleepsAndWakes(() => mutex.unlock())).deep.equal([])
    expect([...words]).deep.equal([0, 0, 0, 0, 0, 0, 0, 0])
  })

  it('that is held lets nobody else in, who sleeps until it is given back and wakes the next one then', () => {
    const [mutex, other, words] = mutexes()
    mutex.lock()
    const waits = sleepsAndWakes(
      () => other.lock(),
      () => expect(words[WORD]).equal(2),
      () => mutex.unlock(),
    )
    expect(waits).deep.equal([SLEEP, SLEEP, WAKE])
    // Somebody else may be asleep as well.
    expect(words[WORD]).equal(2)
    expect(sleepsAndWakes(() => other.unlock())).deep.equal([WAKE])
    expect(words[WORD]).equal(0)
  })

  it('is looked at for a while before anybody sleeps', () => {
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

  it('of a worker that is alone keeps nobody out, and leaves its word as it is', () => {
    const words = new Int32Array(new SharedArrayBuffer(32)).fill(2)
    const mutex = new Mutex(words, WORD, true)
    const act = () => {
      mutex.lock()
      mutex.unlock()
    }
    expect(sleepsAndWakes(act)).deep.equal([])
    expect(words.every((word) => word === 2)).equal(true)
  })
})
