// Preloaded into a server that runs on Node: counts the young collections of its main thread, which is where one worker
// works, and tells the number whenever the bench sends a message. The first message says that there is someone to ask.
import {
  constants,
  type NodeGCPerformanceDetail,
  type PerformanceEntry,
  PerformanceObserver,
} from 'node:perf_hooks'

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
  process.on('message', () => {
    add(observer.takeRecords())
    process.send?.(collectionCount)
  })
  // The channel must not keep a server alive that wants to end.
  process.channel?.unref()
  process.send(collectionCount)
}
