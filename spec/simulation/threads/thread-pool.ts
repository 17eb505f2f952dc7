import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { Finding } from '../finding.js'
import { HANGING_MS } from './baton.js'
import type { ThreadReport } from './history.js'
import type { ThreadTask } from './thread.js'

/** Threads that wait for a run; a process keeps them from one run to the next. */
let waiting: Worker[] = []

/** Lets a thread prepare itself for each task, one after the other. Returns their reports when they have run. */
export async function beginThreads(
  tasks: readonly ThreadTask[],
): Promise<{ reports: Promise<ThreadReport[]> }> {
  while (waiting.length < tasks.length) waiting.push(newThread())
  const threads = waiting.slice(0, tasks.length)
  for (const [number, thread] of threads.entries()) {
    thread.postMessage(tasks[number])
    await once(thread, 'message')
  }
  const heard = threads.map(async (thread) => (await once(thread, 'message'))[0] as ThreadReport)
  const reports = unlessTheyHang(Promise.all(heard))
  // If a finding comes earlier, they are not read.
  reports.catch(() => undefined)
  // Not the promise alone: awaiting that would await the reports.
  return { reports }
}

/** Threads that may hang are not waited for. The next run has others. */
export function endThreads(): void {
  for (const thread of waiting) void thread.terminate()
  waiting = []
}

function newThread(): Worker {
  const thread = new Worker(new URL('./thread.js', import.meta.url))
  thread.unref()
  return thread
}

/** What hangs is ended, and with it all others: they wait for the baton. */
async function unlessTheyHang<Value>(promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const hanging = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      endThreads()
      reject(new Finding('a thread hangs'))
    }, 2 * HANGING_MS)
  })
  try {
    return await Promise.race([promise, hanging])
  } finally {
    clearTimeout(timer)
  }
}
