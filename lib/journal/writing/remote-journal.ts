import type { MessagePort } from 'node:worker_threads'
import { type FigureRow, JournalFigure } from './board.js'
import type { Journal } from './journal.js'
import type { KeptJournal } from './kept-journal.js'

/** The keeper's orders to a journal in another thread. Those with a number are answered, in any order. */
type Order =
  | { readonly what: 'tick' }
  | { readonly what: 'roomChanged' }
  | { readonly what: 'fail'; readonly message: string }
  | {
      readonly what: 'rotate'
      readonly number: number
      readonly generation: number
      readonly identity: string
    }
  | { readonly what: 'sync' | 'resume' | 'close'; readonly number: number }

/**
 * `refusal`: why the journal refuses changes by then; undefined if it accepts them. Without a number it has just failed, or
 * needs more room if there is no error.
 */
interface Report {
  readonly number: number | undefined
  readonly error: string | undefined
  readonly refusal: string | undefined
}

/**
 * A journal in another thread, as the keeper sees it:
 *
 *     keeper ──▶ RemoteJournal ──order──▶ obeyKeeper ──▶ Journal
 *                              ◀──report──
 */
export class RemoteJournal implements KeptJournal {
  error: Error | undefined = undefined
  private readonly port: MessagePort
  private readonly figures: FigureRow<JournalFigure>
  private readonly onFailed: (error: Error) => void
  private readonly onShort: () => void
  private readonly asked = new Map<number, (error: Error | undefined) => void>()
  private nextNumber = 1
  private loss: Error | undefined = undefined

  constructor(
    port: MessagePort,
    figures: FigureRow<JournalFigure>,
    onFailed: (error: Error) => void,
    onShort = () => {},
  ) {
    this.port = port
    this.figures = figures
    this.onFailed = onFailed
    this.onShort = onShort
    port.on('message', (report: Report) => this.take(report))
    // Its thread keeps the program alive.
    port.unref()
  }

  tick(): void {
    this.tell({ what: 'tick' })
  }

  rotate(generation: number, identity: string): Promise<void> {
    return this.ask((number) => ({ what: 'rotate', number, generation, identity }))
  }

  sync(): Promise<void> {
    return this.ask((number) => ({ what: 'sync', number }))
  }

  resume(): Promise<void> {
    return this.ask((number) => ({ what: 'resume', number }))
  }

  fail({ message }: Error): void {
    this.tell({ what: 'fail', message })
  }

  roomChanged(): void {
    this.tell({ what: 'roomChanged' })
  }

  async close(): Promise<void> {
    await this.ask((number) => ({ what: 'close', number }))
    this.port.close()
  }

  get fileLength(): number {
    return this.figures.get(JournalFigure.fileLength)
  }

  /** Its thread has ended, or soon will: calls that wait for an answer are rejected. */
  lose(): void {
    this.loss = new Error('its thread has ended')
    this.port.close()
    for (const answer of this.asked.values()) answer(this.loss)
    this.asked.clear()
  }

  private ask(order: (number: number) => Order): Promise<void> {
    if (this.loss !== undefined) return Promise.reject(this.loss)
    const number = this.nextNumber++
    return new Promise((resolve, reject) => {
      this.asked.set(number, (error) => (error === undefined ? resolve() : reject(error)))
      this.tell(order(number))
    })
  }

  private tell(order: Order): void {
    this.port.postMessage(order)
  }

  private take({ number, error, refusal }: Report): void {
    this.error = errorOf(refusal)
    if (number === undefined) {
      if (error === undefined) this.onShort()
      else this.onFailed(errorOf(error)!)
    } else {
      this.asked.get(number)?.(errorOf(error))
      this.asked.delete(number)
    }
  }
}

/** In the journal's thread: runs the keeper's orders. `beforeTick` is called before each tick. */
export function obeyKeeper(port: MessagePort, journal: Journal, beforeTick: () => void): void {
  const report = (number: number, error: string | undefined) => {
    const report: Report = { number, error, refusal: journal.error?.message }
    port.postMessage(report)
  }
  port.on('message', (order: Order) => {
    if (order.what === 'tick') {
      beforeTick()
      journal.tick()
    } else if (order.what === 'fail') {
      journal.fail(new Error(order.message))
    } else if (order.what === 'roomChanged') {
      journal.roomChanged()
    } else {
      done(order, journal).then(
        () => report(order.number, undefined),
        (error: Error) => report(order.number, error.message),
      )
    }
  })
  // Only serving keeps the thread alive.
  port.unref()
}

/** In the journal's thread: notifies the keeper that the journal has failed. */
export function reportFailure(port: MessagePort, error: Error): void {
  const report: Report = { number: undefined, error: error.message, refusal: error.message }
  port.postMessage(report)
}

/** In the journal's thread: notifies the keeper that the journal may soon have no more room. */
export function reportShortage(port: MessagePort, journal: Journal | undefined): void {
  const report: Report = { number: undefined, error: undefined, refusal: journal?.error?.message }
  port.postMessage(report)
}

function done(order: Extract<Order, { number: number }>, journal: Journal): Promise<void> {
  switch (order.what) {
    case 'rotate':
      return journal.rotate(order.generation, order.identity)
    case 'sync':
      return journal.sync()
    case 'resume':
      return journal.resume()
    case 'close':
      return journal.close()
  }
}

const errorOf = (message: string | undefined): Error | undefined =>
  message === undefined ? undefined : new Error(message)
