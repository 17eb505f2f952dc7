import type { Change } from '../../lib/feed/change.js'

export interface Copied {
  readonly cas: bigint
  readonly value: string | undefined
}

/** A copy of a store, made of nothing but the changes of one subscription with `initial`. */
export class Replica {
  readonly items = new Map<string, Copied>()
  /** How many changes of each kind it has seen. */
  readonly counts = new Map<string, number>()
  /** Where to resume; undefined while items are listed. */
  position: string | undefined = undefined
  private lastNumber = -1

  apply(change: Change): void {
    const { kind, position } = change
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1)
    this.position = position
    if (position !== undefined) this.expectLater(kind, position)
    const key = change.keyBytes?.toString('latin1') ?? ''
    switch (kind) {
      case 'item':
      case 'set':
        this.items.set(key, { cas: change.cas!, value: change.value?.toString('latin1') })
        return
      case 'delete':
      case 'expire':
      case 'evict':
        this.items.delete(key)
        return
      case 'flush_prefix':
        for (const copied of this.items.keys())
          if (copied.startsWith(change.prefixBytes!.toString('latin1'))) this.items.delete(copied)
        return
      case 'flush':
      case 'gap':
        this.items.clear()
    }
  }

  count(kind: string): number {
    return this.counts.get(kind) ?? 0
  }

  /** No change comes twice, or before an earlier one. */
  private expectLater(kind: string, position: string): void {
    const number = Number(position.split('.')[1])
    const isLater =
      kind === 'position' || kind === 'gap' ? number >= this.lastNumber : number > this.lastNumber
    if (!isLater) throw new Error(`${kind} at ${position}, after ${this.lastNumber}`)
    this.lastNumber = number
  }
}
