import { setTimeout as sleep } from 'node:timers/promises'

const PATIENCE_MS = 5000
const POLL_MS = 10

/** Asks again and again until the answer is the one that is wanted; then that, or the last one, is compared. */
export async function eventually<T>(wanted: T, ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  while (true) {
    const answer = await ask()
    if (answer === wanted || Date.now() > deadline) return answer
    await sleep(POLL_MS)
  }
}
