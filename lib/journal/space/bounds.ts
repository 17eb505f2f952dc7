/** How far the files of a directory may grow, in bytes. A simulation, which has little memory, uses smaller bounds. */
export interface SpaceBounds {
  /** A directory never holds more than 3 × -m and this, so it has room for two snapshots and the changes made meanwhile. */
  readonly directory: number
  /** What may be written beyond the room: values that were in transit, and the contents of buffers. */
  readonly overshoot: number
  /** Journals may grow this far, or to the length of the last snapshot, even if there is little live data. */
  readonly grown: number
  /** The smaller bound if there is little live data. */
  readonly grownSmall: number
  /** Less room than this counts as none. */
  readonly roomMin: number
  /** A snapshot may be longer than the live data by an eighth of it, and by this. */
  readonly margin: number
  /** With more than this and four snapshots free, no space is reserved. */
  readonly plenty: number
  /** The maximum of reserved space. */
  readonly spareMax: number
  /** Reserved space changes in such steps. */
  readonly spareStep: number
  /** Even with little live data, a snapshot has this much time, in bytes of journals. */
  readonly paceMin: number
  /** What journals write before the second step of a snapshot does not count as its delay. */
  readonly lead: number
}

const MEGABYTE = 1024 * 1024

export const SPACE_BOUNDS: SpaceBounds = {
  directory: 256 * MEGABYTE,
  overshoot: 64 * MEGABYTE,
  grown: 64 * MEGABYTE,
  grownSmall: 4 * MEGABYTE,
  roomMin: 256 * 1024,
  margin: MEGABYTE,
  plenty: 1024 * MEGABYTE,
  spareMax: 64 * MEGABYTE,
  spareStep: 256 * 1024,
  paceMin: 16 * MEGABYTE,
  lead: MEGABYTE,
}
