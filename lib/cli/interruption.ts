import { setMaxListeners } from 'node:events'

/** Why a tool has to end before it is done: a signal, or nothing reads its output any more. */
type Cause = (typeof SIGNALS)[number] | 'nobody reads'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const
/** How long a tool may tidy up. */
const TIDY_MS_MAX = 2000

/** A tool that does not heed it ends there and then. One that does has a moment; a second signal does not wait. */
export class Interruption {
  private readonly controller = new AbortController()
  private isHeeded = false
  private cause: Cause | undefined

  get hasCome(): boolean {
    return this.cause !== undefined
  }

  heed(): AbortSignal {
    this.isHeeded = true
    // Every check that waits for the clock listens: more than Node takes for sound.
    setMaxListeners(0, this.controller.signal)
    for (const signal of SIGNALS) process.once(signal, () => this.come(signal))
    return this.controller.signal
  }

  come(cause: Cause): void {
    const isFirst = !this.hasCome
    this.cause = cause
    if (!this.isHeeded || !isFirst) this.end()
    this.controller.abort()
    setTimeout(() => this.end(), TIDY_MS_MAX)
  }

  /** Shells look at how a process has ended: by a signal, where there was one. */
  end(): void {
    if (this.cause === undefined || this.cause === 'nobody reads') process.exit()
    for (const signal of SIGNALS) process.removeAllListeners(signal)
    process.kill(process.pid, this.cause)
  }
}
