/** Which mutant is active in the instrumented files of lib, in this thread: see instrument.ts. */
import { appendFileSync } from 'node:fs'

export const NO_MUTANT = -1

/** The variables are inherited by threads and children, which may begin while a mutant is active. */
const MUTANT = 'MUTANT'
const TRACE = 'MUTANT_TRACE'
const MUTANTS_MAX = 100_000

let active = Number(process.env[MUTANT] ?? NO_MUTANT)
const isReached = new Uint8Array(MUTANTS_MAX)

/** Called at the place of each mutant. */
export function isActive(mutant: number): boolean {
  if (isReached[mutant] === 0) trace(mutant)
  return mutant === active
}

/** The file gets a line for each mutant whose place is reached. */
export function selectMutant(mutant: number, tracePath = ''): void {
  active = mutant
  isReached.fill(0)
  process.env[MUTANT] = `${mutant}`
  process.env[TRACE] = tracePath
}

function trace(mutant: number): void {
  isReached[mutant] = 1
  const path = process.env[TRACE]
  if (path !== undefined && path !== '') appendFileSync(path, `${mutant}\n`)
}
