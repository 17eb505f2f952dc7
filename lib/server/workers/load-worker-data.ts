import type { ServerOptions } from '../../options/table/options.js'
import type { WorkerData } from './worker-data.js'

export type WorkerDataClass = typeof WorkerData

/** Undefined without a data directory: then no code of journals is loaded. */
export async function loadWorkerData({ dataDirectory }: ServerOptions): Promise<WorkerDataClass | undefined> {
  return dataDirectory === null ? undefined : (await import('./worker-data.js')).WorkerData
}
