// Preloaded into a server that runs on Node: counts the young collections of its main thread, which is where one worker
// works.
import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks'
import { answerBench } from '../support/answer-bench.js'

let collectionCount = 0

function add(entries: readonly PerformanceEntry[]): void {
  for (const entry of entries) {
    const { detail } = entry as PerformanceEntry & { detail: NodeGCPerformanceDetail }
    if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) collectionCount++
  }
}

if (process.send !== undefined) {
  const observer = new PerformanceObserver((list) => add(list.getEntries()))
  observer.observe({ entryTypes: ['gc'] })
  answerBench(() => {
    add(observer.takeRecords())
    return collectionCount
  })
}
