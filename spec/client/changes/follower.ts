import { readToken } from '../../../lib/client/changes/position-token.js'
import type { Client, ClientChange } from '../../../lib/client/index.js'

export interface Copied {
  readonly cas: bigint
  readonly value: unknown
}

/** Copies of servers, made of nothing but the changes of a client. */
export class Follower {
  readonly counts = new Map<string, number>()
  private readonly client: Client
  private readonly copies = new Map<string, Map<string, Copied>>()
  private readonly last = new Map<string, string>()
  private position: string | undefined = undefined
  private isLeaving = false
  private isEnding = false
  private readonly ended: Promise<void>

  constructor(client: Client) {
    this.client = client
    this.ended = this.run()
    // Whoever waits for it hears of it.
    this.ended.catch(() => undefined)
  }

  copyOf(server: string): Map<string, Copied> {
    const copy = this.copies.get(server) ?? new Map<string, Copied>()
    this.copies.set(server, copy)
    return copy
  }

  /** All items that there were at the beginning have been told. */
  get isComplete(): boolean {
    return this.position !== undefined
  }

  /** Leaves the loop at the next change, and begins another one where it was. */
  restart(): void {
    this.isLeaving = true
  }

  /** Rejects with what was wrong. */
  async end(): Promise<void> {
    await this.close()
    await this.ended
  }

  async close(): Promise<void> {
    this.isEnding = true
    await this.client.close()
  }

  /** Waits until it is so; rejects if the loop ends before. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const over = await Promise.race([this.ended.then(() => true), later()])
      if (over) throw new Error('the loop has ended')
    }
  }

  private async run(): Promise<void> {
    while (!this.isEnding) {
      const since = this.position
      if (since === undefined) this.copies.clear()
      for await (const change of this.client.changes({ initial: true, values: true, since })) {
        this.apply(change)
        if (!this.isLeaving) continue
        this.isLeaving = false
        break
      }
    }
  }

  private apply(change: ClientChange): void {
    const { kind, server, position, key, cas, value } = change
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    this.position = position
    if (kind === 'gap') this.last.delete(server)
    if (position !== undefined) this.expectLater(change, readToken(position)(server)!)
    const copy = this.copyOf(server)
    if (kind === 'item' || kind === 'set') copy.set(`${key}`, { cas: cas!, value })
    else if (kind === 'delete' || kind === 'expire' || kind === 'evict') copy.delete(`${key}`)
    else if (kind === 'flush_prefix') {
      for (const each of copy.keys()) if (each.startsWith(`${change.prefix}`)) copy.delete(each)
    } else if (kind === 'flush' || kind === 'gap') copy.clear()
  }

  /** No change of a server comes twice, or before an earlier one. */
  private expectLater({ kind, server }: ClientChange, position: string): void {
    const [history = '', number = ''] = position.split('.')
    const [lastHistory, lastNumber = '-1'] = this.last.get(server)?.split('.') ?? []
    this.last.set(server, position)
    if (lastHistory === undefined) return
    const isEqualRight = kind === 'position' && number === lastNumber
    if (history !== lastHistory || !(isEqualRight || Number(number) > Number(lastNumber)))
      throw new Error(`${kind} at ${position}, after ${lastHistory}.${lastNumber}`)
  }
}

const later = (): Promise<false> => new Promise((resolve) => setTimeout(resolve, 5, false))
