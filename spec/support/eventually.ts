import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'

const PATIENCE_MS = 90_000
const POLL_MS = 10

/** Repeats a query until its result is the wanted one. Fails if it never is. */
export async function eventually<T>(wanted: T, ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  while (true) {
    const answer = await ask()
    if (answer === wanted) return answer
    if (Date.now() > deadline) expect(answer, `after ${PATIENCE_MS} ms`).to.equal(wanted)
    await sleep(POLL_MS)
  }
}
