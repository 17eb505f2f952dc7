import { ChangeKind } from '../history/change-record.js'
import { isBelow, type Subscription } from './subscription.js'

/** The subscriptions that follow, by prefix: a change costs a look-up for each length of prefix, however many there are. */
export class PrefixTable {
  private readonly byLength = new Map<number, Map<string, Set<Subscription>>>()
  size = 0

  add(subscription: Subscription): void {
    const { prefix } = subscription
    const byPrefix = this.byLength.get(prefix.length) ?? new Map<string, Set<Subscription>>()
    const same = byPrefix.get(prefix) ?? new Set<Subscription>()
    same.add(subscription)
    byPrefix.set(prefix, same)
    this.byLength.set(prefix.length, byPrefix)
    this.size++
  }

  delete(subscription: Subscription): void {
    const { prefix } = subscription
    const byPrefix = this.byLength.get(prefix.length)
    const same = byPrefix?.get(prefix)
    if (same?.delete(subscription) !== true) return
    this.size--
    if (same.size === 0) byPrefix!.delete(prefix)
    if (byPrefix!.size === 0) this.byLength.delete(prefix.length)
  }

  /** Calls `visit` with each subscription whose prefix the key has. */
  forEachOf(key: string, visit: (subscription: Subscription) => void): void {
    for (const [length, byPrefix] of this.byLength) {
      const same = length <= key.length ? byPrefix.get(key.slice(0, length)) : undefined
      if (same !== undefined) for (const subscription of same) visit(subscription)
    }
  }

  /** Calls `visit` with each subscription that may want keys which begin so. */
  forEachBelow(prefix: string, visit: (subscription: Subscription) => void): void {
    this.forEach((subscription) => {
      if (isBelow(prefix, subscription.prefix, ChangeKind.FLUSH_PREFIX)) visit(subscription)
    })
  }

  forEach(visit: (subscription: Subscription) => void): void {
    for (const byPrefix of this.byLength.values())
      for (const same of byPrefix.values()) for (const subscription of same) visit(subscription)
  }
}
