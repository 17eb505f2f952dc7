import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A file in the root of the package, which is found by its name: the bundler puts this code anywhere. */
export function packageFile(name: string): string {
  const manifest = createRequire(import.meta.url).resolve('keepcached/package.json')
  return readFileSync(join(dirname(manifest), name), 'utf8')
}

export function version(): string {
  return JSON.parse(packageFile('package.json')).version
}
