import type { Arena } from '../../../lib/arena/arena.js'
import type { Reply } from '../../../lib/request/reply.js'
import type { Store } from '../../../lib/store/store.js'
import { Finding } from '../finding.js'
import type { JudgedWorker } from '../judged-worker.js'
import type { Oracle } from '../oracle.js'
import type { Operation } from '../outcome.js'

export const DIRECTORY = '/data'
/** The worker of the threads. Items before them are in the one before. */
export const GENERATION = 2

/** What a thread has done or seen, in the order of the marks of all threads. */
export type Entry = { readonly mark: number } & Noted

export type Noted =
  | Asked
  | { readonly kind: 'evicted'; readonly now: number; readonly name: string; readonly arePinned: boolean }
  | { readonly kind: 'looked at the clock'; readonly now: number }
  /** Nothing is there that could have gone wrong. */
  | { readonly kind: 'failed'; readonly message: string }

/** The recorded state of a worker. */
type Seen = Pick<Asked, 'now'> & Partial<Pick<Asked, 'value' | 'arePinned'>>

interface Asked {
  readonly kind: 'asked'
  readonly now: number
  /** The number of the key. */
  readonly key: number
  readonly operation: Omit<Operation, 'value'> & { readonly value: Uint8Array }
  readonly reply: ReplyNumbers
  /** That of the item in the reply. */
  readonly value: Uint8Array
  /** Of the item that is there after it. */
  readonly expiry: number | undefined
  readonly arePinned: boolean
}

type ReplyNumbers = Pick<Reply, 'status' | 'clientFlags' | 'numberHigh' | 'numberLow' | 'casHigh' | 'casLow'>

export interface ThreadReport {
  readonly entries: readonly Entry[]
  /** What its journal has written. */
  readonly files: readonly (readonly [name: string, bytes: Uint8Array])[]
}

/** The operations of all threads on one store, to be judged one after the other. */
export class History {
  private readonly oracle: Oracle
  private readonly store: Store
  private readonly itemSizeMax: number
  private readonly fittingLength: number
  private readonly givenCas = new Set<number>()

  constructor(oracle: Oracle, store: Store, itemSizeMax: number, fittingLength: number) {
    this.oracle = oracle
    this.store = store
    this.itemSizeMax = itemSizeMax
    this.fittingLength = fittingLength
  }

  judge(reports: readonly ThreadReport[]): void {
    const all = reports.flatMap(({ entries }, number) => entries.map((entry) => ({ entry, number })))
    all.sort((one, other) => one.entry.mark - other.entry.mark)
    for (const { entry, number } of all) this.judgeEntry(entry, number)
  }

  private judgeEntry(entry: Entry, number: number): void {
    const { oracle } = this
    if (entry.kind === 'failed') throw new Finding(`worker ${number}: ${entry.message}`)
    const worker = this.workerAs(number, entry)
    if (entry.kind === 'asked') this.judgeReply(entry, worker)
    else if (entry.kind === 'evicted') this.noteEvicted(entry.name, worker)
    else oracle.noteTime(worker)
  }

  private noteEvicted(name: string, worker: JudgedWorker): void {
    this.oracle.noteEvicting(worker)
    this.oracle.noteEvicted(name)
  }

  private judgeReply({ key, operation, reply, value, expiry }: Asked, worker: JudgedWorker): void {
    const asked: Operation = { ...operation, value: Buffer.from(operation.value) }
    const pieces = { starts: [0], lengths: [value.length], count: 1 }
    const model = this.oracle.keys[key]!
    const casBefore = model.lowestCas
    this.oracle.judge(model, asked, worker, { ...reply, value: pieces } as unknown as Reply)
    if (expiry !== undefined && model.state?.expiry !== expiry)
      throw new Finding(`${model.name} has the expiry ${expiry} in place of ${model.state?.expiry}`)
    if (model.lowestCas === casBefore) return
    if (this.givenCas.has(model.lowestCas)) throw new Finding(`the cas ${model.lowestCas} was used twice`)
    this.givenCas.add(model.lowestCas)
  }

  /** A worker as it was then. Of its memory only the value of a reply is still read. */
  private workerAs(number: number, { now, value = NOTHING, arePinned = true }: Seen): JudgedWorker {
    return {
      ...{ number, now, itemSizeMax: this.itemSizeMax, mayRefuse: false },
      arena: viewOf(Buffer.from(value)) as unknown as Arena,
      store: this.store,
      recordCounts: () => [0],
      fittingLength: arePinned ? 0 : this.fittingLength,
      evictableLength: arePinned ? 0 : this.fittingLength,
      evictingLength: 0,
    }
  }
}

const NOTHING = new Uint8Array(0)

/** An arena of nothing but these bytes. */
const viewOf = (bytes: Buffer): Pick<Arena, 'view'> => ({ view: (start, end) => bytes.subarray(start, end) })
