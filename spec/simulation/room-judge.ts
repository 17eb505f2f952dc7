import { parseName } from '../../lib/journal/format/file-header.js'
import { FileKind } from '../../lib/journal/format/format.js'
import { Finding } from './finding.js'
import type { SimulatedDisk } from './simulated-disk.js'
import { DIRECTORY, type SimulatedServer } from './simulated-server.js'
import { SMALL_BOUNDS } from './small-bounds.js'

/** Judges how much a server uses of a bounded disk, or of a bounded directory. */
export class RoomJudge {
  private readonly disk: SimulatedDisk
  private server!: SimulatedServer
  /** The most that the directory may hold, by all memories that servers have had. */
  private directoryMax = 0
  /** The most live bytes since the server started, and the free bytes at that time. */
  private livePeak = 0
  private freeAtStart = 0
  private freeLeast = 0
  private othersLeast = 0
  /** Longer values are not sent. */
  private readonly valueMax: number
  private complaint: string | undefined

  constructor(disk: SimulatedDisk, valueMax: number) {
    this.disk = disk
    this.valueMax = valueMax
    disk.onFull = (call) => this.noteFull(call)
  }

  /** Another server starts serving. */
  begin(server: SimulatedServer): void {
    this.server = server
    this.livePeak = 0
    this.freeAtStart = this.disk.freeLength() + server.keeper.spare.length
    this.freeLeast = this.disk.freeLength()
    this.othersLeast = this.disk.othersLength
    this.watch()
  }

  /** As often as something may have changed. */
  watch(): void {
    const { disk, server } = this
    const { store } = server.workers[0]!
    this.livePeak = Math.max(this.livePeak, store.figures.liveLength)
    this.freeLeast = Math.min(this.freeLeast, disk.freeLength())
    this.othersLeast = Math.min(this.othersLeast, disk.othersLength)
    const max = DIRECTORY_FACTOR * store.memory.length + SMALL_BOUNDS.directory
    this.directoryMax = Math.max(this.directoryMax, max)
    if (disk.usedLength > this.directoryMax)
      throw new Finding(
        `the directory has ${disk.usedLength} bytes, and not ${this.directoryMax} at the most`,
      )
    if (this.complaint !== undefined) throw new Finding(this.complaint)
  }

  /** The disk has been, or may have seemed, too small for two snapshots. */
  get mayRefuse(): boolean {
    return Math.min(this.freeLeast, this.disk.freeLength()) < this.enough
  }

  /** What the next snapshot needs, by the measure of the server. */
  get neededLength(): number {
    return (
      Math.floor(this.server.workers[0]!.store.figures.liveLength * (1 + MARGIN_SHARE)) + SMALL_BOUNDS.margin
    )
  }

  /** Changes are accepted. */
  get isTaking(): boolean {
    return this.server.workers.every(
      ({ journal }) => journal!.error === undefined && journal!.isTaking && journal!.hasRoom,
    )
  }

  /** Nothing more can be done: if a snapshot would help and has room, changes must be accepted. */
  checkTaking(): void {
    if (this.isTaking) return
    const { disk, server } = this
    const liveLength = server.workers[0]!.store.figures.liveLength
    const { length: spareLength } = server.keeper.spare
    const freeLength = disk.freeLength()
    const fits = freeLength + spareLength >= liveLength * (1 + MARGIN_SHARE) + SMALL_BOUNDS.margin
    const helps = freeLength >= 2 * SMALL_BOUNDS.roomMin || this.journalLength > SMALL_BOUNDS.margin
    if (fits && helps)
      throw new Finding(
        `changes are refused for ever, with ${freeLength} bytes free, ${spareLength} held back, and ${liveLength} that live`,
      )
  }

  /** Journals have left space on the disk, and a snapshot of nothing would free enough. */
  get hasWayOut(): boolean {
    const { disk, server } = this
    const hasFailed = server.workers.some(({ journal }) => journal!.error !== undefined)
    const freeLength = disk.freeLength()
    const reserveLength = (freeLength + this.journalLength) * RESERVE_SHARE
    const isLeft = freeLength >= (SMALL_BOUNDS.roomMin + reserveLength) / 2
    const freed = freeLength + this.lengthOf(FileKind.JOURNAL) + this.lengthOf(FileKind.SNAPSHOT)
    return !hasFailed && isLeft && freed >= SMALL_BOUNDS.margin + 2 * SMALL_BOUNDS.roomMin
  }

  private get journalLength(): number {
    return this.lengthOf(FileKind.JOURNAL)
  }

  private lengthOf(kind: FileKind): number {
    const { disk } = this
    return disk
      .list(DIRECTORY)
      .filter((name) => parseName(name)?.kind === kind)
      .reduce((sum, name) => sum + disk.lengthOf(`${DIRECTORY}/${name}`), 0)
  }

  private get enough(): number {
    return 2 * (this.livePeak * (1 + MARGIN_SHARE) + SMALL_BOUNDS.margin) + OVERSHOOT_FACTOR * this.valueMax
  }

  /** Journals do not fill a disk. */
  private noteFull(call: string): void {
    const { disk, freeAtStart, enough, othersLeast } = this
    if (disk.othersLength > othersLeast || freeAtStart < enough) return
    this.complaint ??= `the disk is full (${call}), of which ${freeAtStart} bytes were free, and nobody else has taken any`
  }
}

/** As lib has it. */
const DIRECTORY_FACTOR = 3
const MARGIN_SHARE = 1 / 8
const RESERVE_SHARE = 1 / 8

/** Each worker may be in the middle of a value, and one may be being written. */
const OVERSHOOT_FACTOR = 8
