import type { ServerOptions } from '../options/table/options.js'
import type { Data } from './data.js'
import { loadWorkerData, type WorkerDataClass } from './workers/load-worker-data.js'

/** What a server needs for its data directory: the part of the thread that started it, and that of a worker. */
export interface DataClasses {
  readonly Data: typeof Data
  readonly WorkerData: WorkerDataClass
}

/** Undefined without a data directory: then no code of journals is loaded. */
export async function loadData(options: ServerOptions): Promise<DataClasses | undefined> {
  const WorkerData = await loadWorkerData(options)
  return WorkerData && { Data: (await import('./data.js')).Data, WorkerData }
}
