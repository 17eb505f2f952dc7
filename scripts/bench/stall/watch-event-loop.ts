// Preloaded into a server that runs on Node: how late does its event loop come to a timer? In milliseconds, since last asked.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerBench } from '../support/answer-bench.js'

export interface LoopDelays {
  readonly late999: number
  readonly latest: number
}

/** The timer is due again after so many milliseconds, and these are part of what is recorded. */
const TIMER_MS = 1

if (process.send !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: TIMER_MS })
  delays.enable()
  answerBench((): LoopDelays => {
    const told = { late999: delayMs(delays.percentile(99.9)), latest: delayMs(delays.max) }
    delays.reset()
    return told
  })
}

function delayMs(recordedNanoseconds: number): number {
  return Math.max(0, recordedNanoseconds / 1e6 - TIMER_MS)
}
