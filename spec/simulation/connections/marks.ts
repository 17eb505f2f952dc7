import { Command } from '../../../lib/request/command.js'
import type { ItemFacts } from '../../../lib/request/reply.js'
import type { KeyModel, State } from '../key-model.js'
import { absoluteTime, type Operation } from '../outcome.js'

/** What a client has done to an item without changing it. */
interface Mark {
  /** Of the item that is meant. */
  readonly cas: number
  readonly isStale: boolean
  /** A client is to renew it. */
  readonly isWon: boolean
}

/** Which items are stale, and which of them a client is to renew. Nothing is known of those that a server started with. */
export class Marks {
  private readonly marks = new Map<string, Mark>()

  /** A get has found the item. Returns the flags that it must show, and records whether a client is to renew it. */
  tell(key: KeyModel, operation: Operation, present: State, now: number, facts: ItemFacts): string {
    if (present === undefined) {
      this.set(key, key.state!.cas, false, true)
      return ' W'
    }
    const { cas, expiry } = present
    const { isStale, isWon } = this.known(key, cas) ?? { isStale: facts.isStale, isWon: facts.wasWon }
    const { recache } = operation
    const endsSoon = recache !== undefined && expiry !== 0 && expiry < absoluteTime(recache, now)
    const wins = !isWon && (isStale || endsSoon)
    this.set(key, cas, isStale, isWon || wins)
    return `${isWon ? ' Z' : ''}${isStale ? ' X' : ''}${wins ? ' W' : ''}`
  }

  /** The item has been changed, or created. */
  noteChange(key: KeyModel, operation: Operation, before: State): void {
    const { command, invalidates } = operation
    const { state } = key
    if (state === undefined || state.cas === before?.cas) return
    const isCounter = command === Command.INCREMENT || command === Command.DECREMENT
    if (operation.mayBeStale === true && before !== undefined && before.cas !== operation.cas) {
      const known = this.known(key, before.cas)
      if (known === undefined) this.marks.delete(key.name)
      else this.set(key, state.cas, true, known.isWon)
      return
    }
    // A number with more digits needs a new item.
    if (!isCounter || before?.value.length !== state.value.length) {
      this.set(key, state.cas, invalidates !== undefined, false)
      return
    }
    const known = this.known(key, before.cas)
    if (known === undefined) this.marks.delete(key.name)
    else this.set(key, state.cas, known.isStale, known.isWon)
  }

  private known({ name }: KeyModel, cas: number): Mark | undefined {
    const mark = this.marks.get(name)
    return mark?.cas === cas ? mark : undefined
  }

  private set({ name }: KeyModel, cas: number, isStale: boolean, isWon: boolean): void {
    this.marks.set(name, { cas, isStale, isWon })
  }
}
