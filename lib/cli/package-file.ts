import { readFileSync } from 'node:fs'

/** A file in the root of the package. */
export function packageFile(name: string): string {
  return readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8')
}

export function version(): string {
  return JSON.parse(packageFile('package.json')).version
}
