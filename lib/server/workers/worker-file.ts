import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/**
 * The file that a worker thread runs. It is beside this one, or beside dist/cjs. A program whose bundler has put this code into
 * a file of its own finds it in the installed package; without that, threads cannot start.
 */
export function workerFile(): URL {
  for (const path of ['./', IN_PACKAGE]) {
    const file = new URL(`${path}${NAME}`, import.meta.url)
    if (existsSync(file)) return file
  }
  try {
    const manifest = createRequire(import.meta.url).resolve('keepcached/package.json')
    return new URL(`dist/cjs/${IN_PACKAGE}${NAME}`, pathToFileURL(manifest))
  } catch (cause) {
    throw new Error(
      'workers: the file of the worker threads is not there. Leave keepcached out of the bundle, or use one worker',
      { cause },
    )
  }
}

const NAME = 'worker-thread.js'
/** From dist/cjs. */
const IN_PACKAGE = '../lib/server/workers/'
