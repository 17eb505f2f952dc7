/** Which of how many workers looks at an arena. */
export interface WorkerSlot {
  readonly worker: number
  readonly workerCount: number
}
