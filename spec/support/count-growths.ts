import { execFileSync } from 'node:child_process'
import { COUNTING_OPTIONS } from './heap-growth.js'

/** What a program prints: by how many bytes the heap grew for each kind of work; null if a collection came between. */
export type Growths = Readonly<Record<string, number | null>>

/** Runs a program that counts, in a process of its own. */
export function countGrowths(program: string): Growths {
  // The counters of coverage would be counted too.
  const { NODE_V8_COVERAGE: _, ...env } = process.env
  return JSON.parse(execFileSync(process.execPath, [...COUNTING_OPTIONS, program], { env, encoding: 'utf8' }))
}
