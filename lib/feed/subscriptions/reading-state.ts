/** Where the reading for a subscription stands, after some of it. */
export const ReadingState = {
  /** There is more to read at once. */
  MORE: 0,
  /** Nothing can be read now. */
  WAITING: 1,
  /** Changes that were to be read have been overwritten. */
  LOST: 2,
  /** Everything has been read. */
  DONE: 3,
} as const
export type ReadingState = (typeof ReadingState)[keyof typeof ReadingState]
