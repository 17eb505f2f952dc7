import { PROFILE_SECONDS } from '../../profiling/cpu-profile.js'
import { sendCpuProfile, sendHeapSnapshot, untilGone } from '../../profiling/send-profile.js'
import type { Exchange } from '../http/exchange.js'
import { HttpError } from '../http/http-error.js'

export const PROFILE_PARAMETERS = ['seconds', 'worker'] as const
export const HEAP_PARAMETERS = ['worker'] as const

/** Where a worker spends its time. Ends when the client has gone, or with the server. */
export const cpuProfile = (exchange: Exchange): Promise<void> =>
  alone(exchange, async (worker, signal) => {
    const { admin, parameters, response } = exchange
    const seconds = parameters.integer('seconds', PROFILE_SECONDS)
    const profile = await admin.access.cpuProfile(worker, seconds, signal)
    if (profile !== undefined) sendCpuProfile(response, profile)
    else if (!response.destroyed) throw new HttpError(503, 'the server is stopping')
  })

/** All objects of a worker's JavaScript heap, which has no items. The worker serves nobody meanwhile. */
export const heapSnapshot = (exchange: Exchange): Promise<void> =>
  alone(exchange, async (worker) => {
    const { admin, response } = exchange
    await sendHeapSnapshot(response, await admin.access.heapSnapshot(worker))
  })

/** A profile slows the server down, and a snapshot takes memory: one at a time. */
async function alone(
  { admin, parameters, response, request }: Exchange,
  take: (worker: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const worker = parameters.integer('worker', { min: 0, max: admin.access.workerCount - 1, default: 0 })
  if (request.method === 'HEAD') throw new HttpError(405, 'only GET can be used here', { allow: 'GET' })
  if (!admin.profiles.take(1)) throw new HttpError(409, 'a profile is being taken; try again')
  const gone = untilGone(response)
  const end = (): void => gone.abort()
  admin.streams.add(end)
  try {
    await take(worker, gone.signal)
  } finally {
    admin.streams.delete(end)
    admin.profiles.give(1)
  }
}
