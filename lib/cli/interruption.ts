import { setMaxListeners } from 'node:events'

/** Why a tool has to end early: a signal, or its output has no reader any more. */
type Cause = (typeof SIGNALS)[number] | 'nobody reads'

/** Those that end a process from its terminal, or with it. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const
/** How long a tool may clean up. */
const TIDY_MS_MAX = 2000

/** A tool that does not use it ends at once. One that does has a moment; a second signal does not wait. */
export class Interruption {
  private readonly controller = new AbortController()
  private isHeeded = false
  private endsTool = false
  private cause: Cause | undefined

  get hasCome(): boolean {
    return this.cause !== undefined
  }

  /** The exit code of the tool, not the signal, says how it has ended. */
  get isOrderlyEnd(): boolean {
    return this.endsTool && (this.cause === 'SIGINT' || this.cause === 'SIGTERM')
  }

  /** `endsTool`: the tool serves until SIGINT or SIGTERM comes, and has done its work then. */
  heed(endsTool = false): AbortSignal {
    this.isHeeded = true
    this.endsTool = endsTool
    // Every check that waits for the clock listens: more than Node's limit for warnings.
    setMaxListeners(0, this.controller.signal)
    for (const signal of SIGNALS) process.once(signal, () => this.come(signal))
    return this.controller.signal
  }

  come(cause: Cause): void {
    const isFirst = !this.hasCome
    // The reader may have gone by the same signal: that is no second one, and the tool keeps its moment and its exit code.
    if (!isFirst && cause === 'nobody reads') return
    this.cause = cause
    if (!this.isHeeded || !isFirst) this.end()
    this.controller.abort()
    setTimeout(() => this.end(), TIDY_MS_MAX)
  }

  /** Shells check how a process has ended: it ends by the signal, if there was one. */
  end(): void {
    if (this.cause === undefined || this.cause === 'nobody reads') process.exit()
    for (const signal of SIGNALS) process.removeAllListeners(signal)
    process.kill(process.pid, this.cause)
  }
}
