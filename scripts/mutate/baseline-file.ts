/** Baselines in a file, for a run that goes on later: a line for each check. A change of lib makes them worthless. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Baseline } from './baselines.js'
import type { Check } from './checks.js'

interface Line {
  readonly key: string
  readonly ms: number
  /** By file, base64. Undefined: not known. */
  readonly coverage?: readonly (readonly [file: string, places: string])[]
}

export class BaselineFile {
  private readonly path: string | undefined
  private readonly dist: string
  private readonly version: string
  private readonly lines = new Map<string, Line>()

  /** `dist` is the compiled tree. Without a path nothing is kept. */
  constructor(path: string | undefined, dist: string) {
    this.path = path
    this.dist = dist
    this.version = path === undefined ? '' : versionOf(join(dist, 'lib'))
    if (path === undefined || !existsSync(path)) return
    for (const text of readFileSync(path, 'utf8').trim().split('\n')) {
      const line: Line = JSON.parse(text)
      this.lines.set(line.key, line)
    }
  }

  read(check: Check): Baseline | undefined {
    const line = this.lines.get(this.keyOf(check))
    if (line === undefined) return undefined
    const coverage = line.coverage?.map(([file, places]) => [file, Buffer.from(places, 'base64')] as const)
    return { ms: line.ms, coverage: coverage && new Map(coverage) }
  }

  write(check: Check, { ms, coverage }: Baseline): void {
    if (this.path === undefined) return
    const places =
      coverage && [...coverage].map(([file, bytes]) => [file, Buffer.from(bytes).toString('base64')])
    appendFileSync(this.path, `${JSON.stringify({ key: this.keyOf(check), ms, coverage: places })}\n`)
  }

  private keyOf({ name, words }: Check): string {
    const script = words.find((word) => word.startsWith('dist/'))!
    const source = readFileSync(join(this.dist, '..', script))
    return `${name} ${createHash('sha256').update(this.version).update(source).digest('hex')}`
  }
}

function versionOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (name.endsWith('.js')) hash.update(name).update(readFileSync(join(folder, name)))
  }
  return hash.digest('hex')
}
