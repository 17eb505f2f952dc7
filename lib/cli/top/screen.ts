import { setTimeout as sleep } from 'node:timers/promises'
import type { Io, Terminal } from '../arguments/sub-command.js'

/** The whole terminal, until it is closed: then it looks as before. `q`, ctrl-C and signals end it. */
export class Screen {
  private readonly io: Io
  private readonly ended = new AbortController()
  private readonly restoreKeys: () => void
  private isOpen = false

  constructor(io: Io, terminal: Terminal) {
    this.io = io
    this.restoreKeys = terminal.onKeys((keys) => {
      if ([...keys].some((key) => ENDING.has(key))) this.ended.abort()
    })
    io.interruption().addEventListener('abort', () => this.ended.abort(), { once: true })
  }

  get isOver(): boolean {
    return this.ended.signal.aborted
  }

  /** Until time is up, or it is over. */
  async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.ended.signal }).catch(() => undefined)
  }

  async draw(lines: readonly string[]): Promise<void> {
    const opening = this.isOpen ? '' : OTHER_SCREEN + HIDE_CURSOR
    this.isOpen = true
    await this.io.write(`${opening}${TO_START}${lines.join(`${CLEAR_LINE}\r\n`)}${CLEAR_LINE}${CLEAR_BELOW}`)
  }

  async close(): Promise<void> {
    this.restoreKeys()
    if (this.isOpen) await this.io.write(SHOW_CURSOR + USUAL_SCREEN)
  }
}

/** Ctrl-C and ctrl-D among them. */
const ENDING: ReadonlySet<string> = new Set(['q', 'Q', '\x03', '\x04'])
const OTHER_SCREEN = '\x1b[?1049h'
const USUAL_SCREEN = '\x1b[?1049l'
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const TO_START = '\x1b[H'
const CLEAR_LINE = '\x1b[K'
const CLEAR_BELOW = '\x1b[J'
