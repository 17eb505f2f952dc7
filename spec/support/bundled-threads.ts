/**
 * Preloaded by `npm test`: the threads of servers in this process run the published bundle. A server of two threads then starts in
 * 0.2 s of processor time, from the compiled tree in 0.5 s. UNBUNDLED=1 selects the compiled tree, for coverage.
 */
import { syncBuiltinESMExports } from 'node:module'
import threads, { type WorkerOptions } from 'node:worker_threads'

const COMPILED = new URL('../../lib/', import.meta.url).href
const BUNDLED = new URL('../../esm/', import.meta.url).href

class BundledWorker extends threads.Worker {
  constructor(file: string | URL, options?: WorkerOptions) {
    super(file instanceof URL ? new URL(file.href.replace(COMPILED, BUNDLED)) : file, options)
  }
}

if (process.env['UNBUNDLED'] !== '1') {
  Object.assign(threads, { Worker: BundledWorker })
  syncBuiltinESMExports()
}
