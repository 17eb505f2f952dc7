import { KeptStore, type KeptStoreOptions } from '../support/kept-store.js'
import type { MemoryDisk } from '../support/memory-disk.js'
import type { Random } from '../support/random.js'

export const KEYS = ['a', 'b', 'c', 'd', 'long']

/** The contents of a store after each change, and which of them may be found after a crash. */
export class History {
  /** How many operations the disk had received when a change was made: earlier states of the disk cannot have it. */
  readonly states: { readonly operationCount: number; readonly contents: ReadonlyMap<string, string> }[] = [
    { operationCount: 0, contents: new Map() },
  ]
  /** How many operations the disk had received when a state was safe: later states of the disk have it, or a later one. */
  readonly safe: { readonly operationCount: number; readonly state: number }[] = []

  note(disk: MemoryDisk, kept: KeptStore): void {
    this.states.push({ operationCount: disk.trace.length, contents: kept.contents(KEYS) })
  }

  noteSafe(disk: MemoryDisk): void {
    this.safe.push({ operationCount: disk.trace.length, state: this.states.length - 1 })
  }

  /** Whether a crash after this many operations may leave these contents: those that were safe, or later ones. */
  allows(contents: ReadonlyMap<string, string>, count: number): boolean {
    const safe = this.safe.reduce((least, entry) => (entry.operationCount <= count ? entry.state : least), 0)
    const possible = this.states.filter(
      ({ operationCount }, state) => state >= safe && operationCount <= count,
    )
    return possible.some((state) => isSame(state.contents, contents))
  }
}

const isSame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value)

/** One change, of every kind in turn. */
export function change(kept: KeptStore, random: Random, step: number): void {
  const key = random.pick(KEYS)
  switch (random.below(8)) {
    case 0:
      kept.driver.remove(key)
      break
    case 1:
      kept.driver.touch(key, 1000)
      break
    case 2:
      kept.driver.increment('a', 1, step)
      break
    case 3:
      if (random.chance(0.2)) kept.driver.flush(0)
      break
    case 4:
      kept.setText('long', `${step} `.repeat(3000))
      break
    default:
      kept.setText(key, `value ${step} of ${key}`)
  }
}

export interface WorkOptions extends KeptStoreOptions {
  readonly steps: number
  /** A snapshot is taken after this step. */
  readonly snapshotAt?: number
}

/** Changes a store over a disk, and records what is safe when: with `always` at each reply, otherwise at each sync. */
export async function work(disk: MemoryDisk, random: Random, options: WorkOptions): Promise<History> {
  const history = new History()
  const kept = await KeptStore.open(disk, options)
  for (let step = 0; step < options.steps; step++) {
    change(kept, random, step)
    history.note(disk, kept)
    await kept.acknowledge()
    if (options.fsync === 'always') history.noteSafe(disk)
    else if (random.chance(0.2)) {
      await kept.journal.sync()
      history.noteSafe(disk)
    }
    if (step === options.snapshotAt) {
      await kept.keeper.snapshot()
      history.noteSafe(disk)
    }
  }
  return history
}
