/**
 * Time and timers as they were when this file was loaded: those of a program under test may be fake by now, and a test server
 * has to serve all the same. `process.uptime` is monotonic, and no library of fake timers replaces it.
 */
const { setImmediate, setTimeout, clearTimeout } = globalThis
const dateNow = Date.now
const uptime = process.uptime.bind(process)

export const realImmediate = (action: () => void): void => void setImmediate(action)

/** Does not keep the process alive: whoever waits for a reply does. */
export const realTimeout = (action: () => void, ms: number): NodeJS.Timeout => setTimeout(action, ms).unref()

export const clearRealTimeout = (timer: NodeJS.Timeout | undefined): void => clearTimeout(timer)

/** Milliseconds since 1970. */
export const realDateMs = (): number => dateNow()

/** Milliseconds, from a clock that nobody sets. */
export const steadyMs = (): number => uptime() * 1000
