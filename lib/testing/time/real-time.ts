/**
 * Time and timers as they were when this file was loaded. Those of the program may be fake later, and the server must serve
 * all the same. `process.uptime` is monotonic, and no library of fake timers replaces it.
 */
const { setImmediate, setTimeout, clearTimeout } = globalThis
const dateNow = Date.now
const uptime = process.uptime.bind(process)

export const realImmediate = (action: () => void): void => void setImmediate(action)

/** Does not keep the process alive: the client that waits for a reply does. */
export const realTimeout = (action: () => void, ms: number): NodeJS.Timeout => setTimeout(action, ms).unref()

export const clearRealTimeout = (timer: NodeJS.Timeout | undefined): void => clearTimeout(timer)

/** Milliseconds since 1970. */
export const realDateMs = (): number => dateNow()

/** Milliseconds of a monotonic clock. */
export const steadyMs = (): number => uptime() * 1000
