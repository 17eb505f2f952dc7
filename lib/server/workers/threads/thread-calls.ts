import type { Worker as Thread } from 'node:worker_threads'
import type { LocalReply, LocalRequest } from '../local-requests.js'

/** A request on its way to a worker thread, and the reply on its way back. */
export interface ThreadCall {
  readonly call: number
  readonly request: LocalRequest
}
export interface ThreadAnswer {
  readonly call: number
  readonly reply: LocalReply
}

/** The local requests that worker threads have not answered yet. */
export class ThreadCalls {
  private readonly waiting = new Map<number, (reply: LocalReply) => void>()
  private nextCall = 0

  /** Never settles if the thread ends meanwhile: then the server ends, too. */
  begin(thread: Thread, request: LocalRequest): Promise<LocalReply> {
    const call = this.nextCall++
    const order: ThreadCall = { call, request }
    thread.postMessage(order)
    return new Promise((resolve) => this.waiting.set(call, resolve))
  }

  finish({ call, reply }: ThreadAnswer): void {
    this.waiting.get(call)?.(reply)
    this.waiting.delete(call)
  }
}
