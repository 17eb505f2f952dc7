// Preloaded into a server that runs on Node: the delay of a timer in its event loop, in milliseconds, since the last request.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { answerBench } from '../support/answer-bench.js'

export interface LoopDelays {
  readonly late999: number
  readonly latest: number
}

/** The interval of the timer in milliseconds. Recorded delays include it. */
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
