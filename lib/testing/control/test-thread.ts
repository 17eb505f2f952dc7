/** What the thread of a test server runs: it serves, and executes the calls of the thread of the test. */
import { parentPort, workerData } from 'node:worker_threads'
import { Serving } from '../serving/serving.js'
import { completeTestOptions } from '../test-options.js'
import {
  failureOf,
  type ThreadAnswer,
  type ThreadCall,
  type ThreadReport,
  type ThreadTask,
} from './thread-task.js'

const { options, port, signal } = workerData as ThreadTask
const parent = parentPort!
const report = (what: ThreadReport): void => parent.postMessage(what)

try {
  const completed = completeTestOptions(options)
  const serving = await Serving.start(completed)
  port.on('message', async (call: ThreadCall) => {
    port.postMessage(await answerTo(serving, call))
    Atomics.store(signal, 0, 1)
    Atomics.notify(signal, 0)
  })
  parent.once('message', async () => {
    await serving.stop()
    port.close()
  })
  report({ host: serving.host, port: serving.port, seed: completed.seed })
} catch (error) {
  report(failureOf(error))
  port.close()
}

async function answerTo(serving: Serving, { name, args }: ThreadCall): Promise<ThreadAnswer> {
  try {
    const control = serving[name] as (...args: readonly unknown[]) => unknown
    return { value: await control.apply(serving, args as unknown[]) }
  } catch (error) {
    return failureOf(error)
  }
}
