import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** From here, from a chunk of dist/esm, and from dist/cjs. */
const ROOTS = ['../../../', '../', '../esm/']

/**
 * The file that a thread runs, by its name in lib. A program whose bundler has put this code into a file of its own finds it
 * in the installed package; without that, threads cannot start.
 */
export function threadFile(name: string): URL {
  for (const root of ROOTS) {
    const file = new URL(`${root}${name}.js`, import.meta.url)
    if (existsSync(file)) return file
  }
  try {
    const manifest = createRequire(import.meta.url).resolve('keepcached/package.json')
    return new URL(`dist/esm/${name}.js`, pathToFileURL(manifest))
  } catch (cause) {
    throw new Error(
      'the file that threads run is not there. Leave keepcached out of the bundle, or use no threads',
      { cause },
    )
  }
}
