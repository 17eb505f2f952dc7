import type { ServerLoad } from './server-load.js'

/** A bar on the terminal: how far a run is, and how fast. */
export class Progress {
  private readonly show: ((line: string) => void) | undefined
  private timer: NodeJS.Timeout | undefined

  constructor(show: ((line: string) => void) | undefined) {
    this.show = show
  }

  begin(
    name: string,
    load: Pick<ServerLoad, 'replyCount'>,
    { seconds, count }: { seconds?: number; count?: number | undefined },
  ): void {
    const { show } = this
    if (show === undefined) return
    clearInterval(this.timer)
    const startMs = performance.now()
    const draw = (): void => {
      const passed = (performance.now() - startMs) / 1000
      const { replyCount } = load
      const part = count === undefined ? passed / seconds! : replyCount / count
      const rate = Math.round(replyCount / Math.max(passed, 0.001)).toLocaleString('en-US')
      show(`${barOf(Math.min(1, part))} ${name}: ${rate}/s`)
    }
    this.timer = setInterval(draw, DRAW_MS)
  }

  close(): void {
    clearInterval(this.timer)
    this.show?.('')
  }
}

function barOf(part: number): string {
  const full = Math.round(part * WIDTH)
  return `[${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${Math.floor(100 * part)}%`.padEnd(WIDTH + 7)
}

const WIDTH = 30
const DRAW_MS = 200
