import type { Random } from '../../support/random.js'
import { type EventLoop, settlePromises } from '../event-loop.js'
import type { SimulatedDisk } from '../simulated-disk.js'

/** Lets a disk and an event loop go on until a promise is settled; `between` is called before each step. */
export async function settledOn<Value>(
  disk: SimulatedDisk,
  loop: EventLoop,
  random: Random,
  promise: Promise<Value>,
  between: () => void = () => undefined,
): Promise<Value> {
  let isSettled = false
  const settle = (): void => {
    isSettled = true
  }
  promise.then(settle, settle)
  for (;;) {
    await settlePromises()
    if (isSettled) return promise
    between()
    if (disk.waitingCount > 0) disk.proceed(random)
    else if (loop.hasImmediates) loop.runImmediate()
    else loop.advance(Math.max(0, Math.min(1000, loop.nextDueMs - loop.ms)))
  }
}
