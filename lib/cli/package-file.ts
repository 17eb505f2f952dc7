import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The program finds its own package by name, wherever in it the bundler has put this code. */
const FOLDER = dirname(createRequire(import.meta.url).resolve('keepcached/package.json'))

/** A file in the root of the package. */
export function packageFile(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8')
}

export function version(): string {
  return JSON.parse(packageFile('package.json')).version
}
