import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Controls } from '../serving/controls.js'
import { stoppedError } from '../serving/controls-until-stopped.js'
import { steadyMs } from '../time/real-time.js'
import { type ThreadAnswer, type ThreadCall, throwFailure } from './thread-task.js'

/** Calls that wait for their answers, and block this thread meanwhile. */
export class Caller {
  hasStopped = false
  private readonly calls: MessagePort
  private readonly signal: Int32Array
  private readonly answerMsMax: number
  private callCount = 0

  constructor(calls: MessagePort, signal: Int32Array, answerMsMax = ANSWER_MS_MAX) {
    this.calls = calls
    this.signal = signal
    this.answerMsMax = answerMsMax
  }

  call(name: keyof Controls, args: readonly unknown[]): unknown {
    if (this.hasStopped) throw stoppedError(name)
    const call: ThreadCall = { number: ++this.callCount, name, args }
    this.calls.postMessage(call)
    const answer = this.answerTo(call)
    return 'errorName' in answer ? throwFailure(answer) : answer.value
  }

  private answerTo({ number, name }: ThreadCall): ThreadAnswer {
    const deadlineMs = steadyMs() + this.answerMsMax
    for (;;) {
      // Before the answers are looked through: one that comes later changes it.
      const seen = Atomics.load(this.signal, 0)
      const answer = this.received(number)
      if (answer !== undefined) return answer
      const leftMs = deadlineMs - steadyMs()
      if (leftMs <= 0 || Atomics.wait(this.signal, 0, seen, leftMs) === 'timed-out')
        throw new Error(`${name}: the thread of the test server does not answer`)
    }
  }

  /** The answer to this call, if it is there. Those to calls that did not wait for them any longer are dropped. */
  private received(number: number): ThreadAnswer | undefined {
    for (;;) {
      const received = receiveMessageOnPort(this.calls) as { message: ThreadAnswer } | undefined
      if (received === undefined || received.message.number === number) return received?.message
    }
  }
}

const ANSWER_MS_MAX = 10_000
