import { Refusal, send } from '../api.js'
import * as format from '../data/format.js'
import { bytesOf, encoded, shown } from '../data/keys.js'
import { element, prefixField, prefixForm, table } from '../elements/element.js'

/** The changes of items, as they happen. Streamed with `fetch`: an EventSource cannot send a token. */
export class Changes {
  #prefix = prefixField()
  #pause = element('button', { type: 'button', click: () => this.#toggle() }, 'Pause')
  #note = element('p', { class: 'quiet', role: 'status' })
  #table = table('Changes, the latest first', [
    ['time'],
    ['change'],
    ['key'],
    ['size', 'number'],
    ['ttl', 'number'],
    ['cas', 'number'],
  ])
  /** @type {{ timeMs: number, change: any }[]} */
  #latest = []
  #count = 0
  #isPaused = false
  #hasNew = true
  #abort = new AbortController()
  #timer = setInterval(() => this.show(), SHOWN_MS)

  /** @param {import('../main.js').Context} context */
  constructor({ server }) {
    this.node = element(
      'div',
      {},
      prefixForm(this.#prefix, 'Follow', () => this.#restart(), this.#pause),
      this.#note,
      this.#table.node,
    )
    if (server.hasChanges) this.#follow(this.#abort.signal)
    else this.node.replaceChildren('Not available: start the server with --changes SIZE.')
  }

  show() {
    if (!this.#hasNew || this.#isPaused) return
    this.#hasNew = false
    this.#table.show(
      this.#latest.map(({ timeMs, change: { kind, key, key64, size, ttl, cas } }) => [
        format.clock(timeMs),
        kind,
        key === undefined && key64 === undefined
          ? ''
          : element('span', { class: 'key' }, shown(bytesOf(key, key64))),
        size === undefined ? '' : format.bytes(size),
        ttl === undefined ? '' : ttl < 0 ? 'never' : format.seconds(ttl),
        cas ?? '',
      ]),
    )
  }

  close() {
    clearInterval(this.#timer)
    this.#abort.abort()
  }

  #toggle() {
    this.#isPaused = !this.#isPaused
    this.#pause.textContent = this.#isPaused ? 'Continue' : 'Pause'
    this.show()
  }

  #restart() {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#latest = []
    this.#count = 0
    this.#hasNew = true
    this.#isPaused = false
    this.#pause.textContent = 'Pause'
    this.show()
    this.#follow(this.#abort.signal)
  }

  /** @param {AbortSignal} signal */
  async #follow(signal) {
    const prefix = encoded(new TextEncoder().encode(this.#prefix.value))
    while (!signal.aborted) {
      try {
        const { body } = await send(`v1/changes?feed=ndjson&prefix=${prefix}`, { signal })
        this.#note.textContent = 'Following.'
        await this.#read(body, signal)
      } catch (error) {
        if (signal.aborted) return
        this.#note.textContent =
          error instanceof Refusal ? error.message : 'The stream has ended; following again soon.'
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  /**
   * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} body
   * @param {AbortSignal} signal
   */
  async #read(body, signal) {
    const reader = body?.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { done = true, value = '' } = (await reader?.read()) ?? {}
      if (done || signal.aborted) return
      const lines = (rest + value).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) this.#keep(JSON.parse(line))
    }
  }

  /** @param {any} change */
  #keep(change) {
    // Only a sign of life.
    if (change.kind === 'position') return
    this.#count++
    this.#latest.unshift({ timeMs: Date.now(), change })
    if (this.#latest.length > ROW_COUNT_MAX) this.#latest.length = ROW_COUNT_MAX
    this.#hasNew = true
    this.#note.textContent = `Following: ${format.count(this.#count)} changes, the latest ${ROW_COUNT_MAX} are shown.`
  }
}

const ROW_COUNT_MAX = 100
const RETRY_MS = 2000
/** However many changes there are, the table is built anew only so often. */
const SHOWN_MS = 300
