/** How far the files of a directory may grow, in bytes. A simulation, which has little memory, has smaller ones. */
export interface SpaceBounds {
  /** A directory never holds more than 3 × -m and this, so that it has room for two snapshots and what changes meanwhile. */
  readonly directory: number
  /** What may come beyond the room: values that were on their way, and what lies in buffers. */
  readonly overshoot: number
  /** Journals may grow so far, or to the length of the last snapshot, however little lives. */
  readonly grown: number
  /** And not so far if little lives: then so far. */
  readonly grownSmall: number
  /** Less room than this is none. */
  readonly roomMin: number
  /** A snapshot may be longer than what lives by an eighth of it, and by this. */
  readonly margin: number
  /** With more than this and four snapshots free, nothing is held back. */
  readonly plenty: number
  /** No more is held back. */
  readonly spareMax: number
  /** What is held back follows what it is to be in such steps. */
  readonly spareStep: number
  /** However little lives, a snapshot has this much time, in bytes of journals. */
  readonly paceMin: number
  /** What journals write before the snapshot has come to its second step is nobody's fault. */
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
