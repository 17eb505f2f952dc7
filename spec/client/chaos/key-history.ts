/** What a change that may or may not have reached the server does: it stores the value with this counter, or deletes. */
const DELETION = 0

/**
 * What is known about one key, whose only writer makes one call after the other.
 *
 * A change that was replied to is certain. One that has failed on the way is open: a server may still get it, any time later,
 * once. So a value that is read has to be the last certain one or an open one; if it is an open one, it is certain from then
 * on.
 */
export class KeyHistory {
  readonly key: string
  /** Of the last value that was to be stored. */
  lastCounter = 0
  /** Of the value that is stored; DELETION: none. */
  private certain = DELETION
  /** How many servers had been killed when that was established. */
  private certainKills = 0
  private readonly open = new Set<number>()

  constructor(key: string) {
    this.key = key
  }

  /** So much is open that little is certain: the writer goes on with another key. */
  get isVague(): boolean {
    return this.open.size > OPEN_COUNT_MAX
  }

  changed(counter: number | undefined, killsBefore: number): void {
    this.certain = counter ?? DELETION
    this.certainKills = killsBefore
  }

  maybeChanged(counter: number | undefined): void {
    this.open.add(counter ?? DELETION)
  }

  /** Notes that the value with this counter was read. Returns why this cannot be, if so. */
  read(counter: number, killsBefore: number): string | undefined {
    if (counter < 1 || counter > this.lastCounter) return 'a value that was never set'
    if (counter === this.certain) return undefined
    if (!this.open.delete(counter)) return `value ${counter}, which is older than value ${this.certain}`
    this.changed(counter, killsBefore)
    return undefined
  }

  /** Notes that there is no such item. A server that was killed has lost its items. */
  missed(killsBefore: number, kills: number): string | undefined {
    if (this.certain === DELETION) return undefined
    if (kills !== this.certainKills || this.open.has(DELETION)) {
      this.changed(undefined, killsBefore)
      return undefined
    }
    return `no item, but value ${this.certain} was stored`
  }
}

const OPEN_COUNT_MAX = 6
