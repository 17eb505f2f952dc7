/** Which of how many workers looks at an arena. */
export interface Seat {
  readonly worker: number
  readonly workerCount: number
}
