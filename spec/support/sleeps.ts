import { expect } from 'chai'

/** Records the sleeps and wakes during a call, and runs what others do instead of each sleep. */
export function sleepsAndWakes(act: () => void, ...inPlaceOfSleep: (() => void)[]): string[] {
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
