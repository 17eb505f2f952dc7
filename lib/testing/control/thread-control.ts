import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { threadFile } from '../../server/workers/threads/thread-file.js'
import type { Controls, TestItem } from '../serving/controls.js'
import { controlsFrom } from '../serving/controls-until-stopped.js'
import type { TestServerOptions } from '../test-options.js'
import { Caller } from './caller.js'
import { type ThreadReport, type ThreadTask, throwFailure } from './thread-task.js'

/** A test server in a thread of its own. */
export interface ThreadServer {
  readonly controls: Controls
  readonly host: string
  readonly port: number
  readonly seed: number
  stop(): Promise<void>
}

/**
 * Serves in another thread, so that clients may block this one. A call blocks this thread until the other thread has
 * executed it: a fault is added before the next line of the test.
 */
export async function startInThread(options: TestServerOptions): Promise<ThreadServer> {
  const { port1: calls, port2: port } = new MessageChannel()
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const task: ThreadTask = { options, port, signal }
  const thread = new Worker(threadFile('testing/control/test-thread'), {
    workerData: task,
    transferList: [port],
  })
  const [report] = (await once(thread, 'message')) as [ThreadReport]
  if ('errorName' in report) throwFailure(report)
  thread.unref()
  let stopped: Promise<void> | undefined
  const caller = new Caller(calls, signal)
  thread.once('exit', () => {
    caller.hasStopped = true
  })
  const stop = async (): Promise<void> => {
    caller.hasStopped = true
    thread.ref()
    const exit = once(thread, 'exit')
    thread.postMessage('stop')
    await exit
    calls.close()
  }
  return {
    ...report,
    controls: controlsFrom((name, args) => revived(name, caller.call(name, args))),
    stop() {
      stopped ??= stop()
      return stopped
    },
  }
}

/** Buffers arrive as plain arrays of bytes. */
function revived(name: keyof Controls, answer: unknown): unknown {
  if (name !== 'items') return answer
  return (answer as TestItem[]).map((item) => ({ ...item, value: bufferOver(item.value) }))
}

const bufferOver = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
