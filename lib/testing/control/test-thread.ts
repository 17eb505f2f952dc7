/** What the thread of a test server runs: it serves, and executes the calls of the thread of the test. */
import { parentPort, workerData } from 'node:worker_threads'
import type { Controls } from '../serving/controls.js'
import { controlsUntilStopped } from '../serving/controls-until-stopped.js'
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
  const controls = controlsUntilStopped(serving)
  port.on('message', async (call: ThreadCall) => {
    port.postMessage(await answerTo(controls, call))
    Atomics.add(signal, 0, 1)
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

async function answerTo(controls: Controls, { number, name, args }: ThreadCall): Promise<ThreadAnswer> {
  try {
    const control = controls[name] as (...args: readonly unknown[]) => unknown
    return { number, value: await control(...args) }
  } catch (error) {
    return { number, ...failureOf(error) }
  }
}
