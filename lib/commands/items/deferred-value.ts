import type { DeferredValue } from '../../request/deferred-value.js'
import { MISSING, valueLengthOf, versionOf } from '../../store/item/item.js'
import type { Context } from '../context/context.js'

/** The value of one version of an item, looked up again for each range: nothing of it is pinned. */
export class ItemValue implements DeferredValue {
  missing: number
  private readonly context: Context
  private readonly key: Buffer
  private readonly version: number
  private readonly length: number

  /** The value of a locked item, under that key. */
  constructor(context: Context, item: number, keyStart: number, keyEnd: number) {
    const { arena, store } = context
    this.context = context
    this.key = Buffer.from(arena.view(keyStart, keyEnd))
    this.version = versionOf(store.words, item)
    this.length = valueLengthOf(store.words, item)
    this.missing = this.length
  }

  copyNext(target: number, length: number): boolean {
    const { arena, store } = this.context
    arena.bytes.set(this.key, target)
    const item = store.peek(target, this.key.length)
    const isSame = item !== MISSING && versionOf(store.words, item) === this.version
    if (isSame) this.copy(item, target, length)
    store.release()
    return isSame
  }

  private copy(item: number, target: number, length: number): void {
    const { arena, store } = this.context
    const first = this.length - this.missing
    const end = first + length
    let partFirst = 0
    store.items.eachPart(item, {
      add: (start, partLength) => {
        const from = Math.max(first, partFirst)
        const to = Math.min(end, partFirst + partLength)
        if (from < to) arena.move(target + from - first, start + from - partFirst, to - from)
        partFirst += partLength
      },
    })
    this.missing -= length
  }
}
