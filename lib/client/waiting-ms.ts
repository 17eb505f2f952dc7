/**
 * How long to wait before a server is asked again for what another process will finish: twice as long each time, with a
 * random part, so that those who wait do not ask in step.
 */
export const waitingMs = (attempt: number): number =>
  Math.min(FIRST_MS * 2 ** attempt, LAST_MS) * (0.5 + Math.random())

const FIRST_MS = 10
const LAST_MS = 250
