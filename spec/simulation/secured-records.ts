import type { Fsync } from '../../lib/journal/writing/fsync.js'
import type { Client } from './client.js'
import { keeperStateOf } from './keeper-state.js'
import type { CertainCounts } from './key-model.js'
import type { Oracle } from './oracle.js'
import type { SimulatedServer } from './simulated-server.js'

/** Up to which count the records of each worker are certain to be found, by the promises, not by what the disk holds. */
export class SecuredRecords {
  /** After a kill of the last server. */
  written: CertainCounts = []
  /** After a loss of power. */
  secured: CertainCounts = []
  private readonly oracle: Oracle
  private readonly fsync: Fsync
  private server!: SimulatedServer
  private clients: readonly Client[] = []
  /** What a tick has begun to sync. */
  private securing: { readonly counts: CertainCounts; readonly faultCount: number } | undefined
  private snapshotCount = 0
  private snapshotCounts: readonly number[] = []
  private generation = 0

  constructor(oracle: Oracle, fsync: Fsync) {
    this.oracle = oracle
    this.fsync = fsync
  }

  /** Another server starts serving. */
  begin(server: SimulatedServer, clients: readonly Client[]): void {
    this.server = server
    this.clients = clients
    this.oracle.secured = clients.map(() => 0)
    this.securing = undefined
    this.snapshotCount = 0
    this.generation = 0
  }

  /** The server has ended, and its records count up to here. */
  end(): void {
    this.written = this.clients.map(({ acknowledgedCount }) => acknowledgedCount)
    this.secured = [...this.oracle.secured]
  }

  /** The server has ended in an orderly way: everything is certain. */
  endInOrder(): void {
    this.written = this.clients.map(() => Number.POSITIVE_INFINITY)
    this.secured = this.written
  }

  /** How many records each journal has; infinity for one that accepts none. */
  recordCounts(): number[] {
    return this.server.workers.map(({ journal }) =>
      journal!.error === undefined ? journal!.changeCount : Number.POSITIVE_INFINITY,
    )
  }

  /** How many records of each journal have been written; infinity for one that has failed. */
  writtenCounts(): CertainCounts {
    return this.clients.map(({ worker, acknowledgedCount }) =>
      worker.journal!.error === undefined ? acknowledgedCount : Number.POSITIVE_INFINITY,
    )
  }

  noteAcknowledged(): void {
    if (this.fsync !== 'always') return
    this.oracle.secured = this.clients.map(({ acknowledgedCount }) => acknowledgedCount)
  }

  /** In mode `everysec` a tick begins to sync all that has been written by then, unless a sync is under way. */
  noteTick(counts: CertainCounts, wasIdle: boolean, faultCount: number): void {
    this.securing = wasIdle ? { counts, faultCount } : undefined
  }

  /** Nothing is under way: what a tick started is done. */
  noteIdle(faultCount: number): void {
    const { securing } = this
    if (securing === undefined) return
    if (this.fsync === 'everysec' && securing.faultCount === faultCount) this.secure(securing.counts)
    this.securing = undefined
  }

  /** A snapshot has the state of the start of its generation. */
  watchSnapshots(): void {
    const { keeper } = this.server
    const { generation } = keeperStateOf(keeper)
    if (generation !== this.generation) {
      this.generation = generation
      this.snapshotCounts = this.recordCounts()
    }
    if (keeper.snapshotCount === this.snapshotCount) return
    this.snapshotCount = keeper.snapshotCount
    this.secure(this.snapshotCounts)
  }

  private secure(counts: readonly number[]): void {
    this.oracle.secured = this.oracle.secured.map((count, worker) => {
      const more = counts[worker]!
      return Number.isFinite(more) ? Math.max(count, more) : count
    })
  }
}
