import { setTimeout as sleep } from 'node:timers/promises'

/** A profile records a sample each millisecond: this bounds its memory. */
export const PROFILE_SECONDS = { min: 1, max: 300, default: 10 } as const

/**
 * Records for so long where this thread spends its time. Returns JSON in the format of `.cpuprofile` files; undefined if the
 * signal aborts it. Nothing of the inspector is loaded before.
 */
export async function takeCpuProfile(seconds: number, signal: AbortSignal): Promise<string | undefined> {
  const { Session } = await import('node:inspector')
  const session = new Session()
  session.connect()
  const post = (method: string): Promise<{ profile?: unknown }> =>
    new Promise((resolve, reject) => {
      session.post(method, (error, result?: object) =>
        error === null ? resolve(result ?? {}) : reject(error),
      )
    })
  try {
    await post('Profiler.enable')
    await post('Profiler.start')
    // A program that is done ends in the middle of its profile.
    await sleep(seconds * 1000, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return undefined
    const { profile } = await post('Profiler.stop')
    return JSON.stringify(profile)
  } finally {
    session.disconnect()
  }
}
