import { EventType, EventWord } from './event.js'
import type { Rings } from './rings.js'

/** Reads the events of all workers, in the order of their numbers. */
export class EventReader {
  private readonly rings: Rings
  /** For each ring, the position up to which it can be read now. */
  private readonly ends: Int32Array

  constructor(rings: Rings) {
    this.rings = rings
    this.ends = new Int32Array(rings.workerCount)
  }

  /** Calls `visit` with the first word of each available event, of a maximum number. Returns how many there were. */
  read(countMax: number, visit: (event: number) => void): number {
    const { rings } = this
    const latest = rings.latestGid
    if (!this.findEnds()) return 0
    let count = 0
    for (; count < countMax; count++) {
      const ring = this.findNext(latest)
      if (ring < 0) break
      const event = rings.place(ring, rings.read(ring))
      visit(event)
      this.pass(ring, event)
    }
    return count
  }

  /** Finds the end of the readable numbered events. Returns false if a worker is still writing one. */
  private findEnds(): boolean {
    const { rings, ends } = this
    for (let ring = 0; ring < rings.workerCount; ring++) {
      for (let look = 0; rings.isPublishing(ring); look++) if (look === LOOKS_MAX) return false
      ends[ring] = rings.written(ring)
    }
    return true
  }

  /** The ring with the earliest event, or -1. Events later than `latest` may have earlier ones beside them. */
  private findNext(latest: number): number {
    const { rings } = this
    let next = -1
    let lowest = latest
    for (let ring = 0; ring < rings.workerCount; ring++) {
      if (!this.hasEvent(ring)) continue
      const gid = rings.doubles[(rings.place(ring, rings.read(ring)) + EventWord.GID) / 2]!
      if (gid > lowest) continue
      next = ring
      lowest = gid
    }
    return next
  }

  private hasEvent(ring: number): boolean {
    const { rings } = this
    if (rings.read(ring) === this.ends[ring]) return false
    const first = rings.place(ring, rings.read(ring))
    if ((rings.words[first + EventWord.HEAD]! & 0xff) === EventType.FILLER) this.pass(ring, first)
    return rings.read(ring) !== this.ends[ring]
  }

  private pass(ring: number, event: number): void {
    const { rings } = this
    rings.setRead(ring, (rings.read(ring) + rings.words[event + EventWord.LENGTH]!) | 0)
  }
}

/** Publishing an event takes far less time, unless its thread is interrupted. */
const LOOKS_MAX = 1000
