import type { Io } from '../arguments/sub-command.js'
import { Progress } from '../bench/progress.js'
import { shown } from './tally.js'

/** How far a pass over the keys is. */
export interface Counted {
  readonly doneCount: number
}

/** A bar on a terminal; otherwise a line every ten seconds, or nothing if the output is JSON. */
export class PassProgress {
  private readonly bar: Progress
  private readonly io: Io
  private readonly hasLines: boolean
  private timer: NodeJS.Timeout | undefined

  constructor(io: Io, isJson: boolean) {
    this.io = io
    this.bar = new Progress(io.showProgress)
    this.hasLines = io.showProgress === undefined && !isJson
  }

  /** `pass` is replaced by the next one. */
  begin(name: string, pass: Counted, count: number): void {
    const first = pass.doneCount
    const startMs = performance.now()
    this.bar.begin(
      name,
      {
        get replyCount() {
          return pass.doneCount
        },
      },
      { count: Math.max(1, count) },
    )
    clearInterval(this.timer)
    if (!this.hasLines) return
    this.timer = setInterval(() => {
      const rate = Math.round((1000 * (pass.doneCount - first)) / (performance.now() - startMs))
      void this.io.write(`${name}: ${shown(pass.doneCount)} of ${shown(count)} items, ${shown(rate)}/s\n`)
    }, LINE_MS)
  }

  close(): void {
    clearInterval(this.timer)
    this.bar.close()
  }
}

const LINE_MS = 10_000
