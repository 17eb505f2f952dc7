/** A file with a line for each mutant that was tried: a run that was interrupted goes on behind its last line. */
import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { Mutant } from './mutants.js'
import type { Outcome } from './sandbox.js'

export class Results {
  private readonly known = new Map<string, Outcome>()
  private readonly path: string | undefined

  constructor(path: string | undefined) {
    this.path = path
    if (path === undefined || !existsSync(path)) return
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const [key, outcome] = line.split('\t')
      if (outcome !== undefined) this.known.set(key!, outcome as Outcome)
    }
  }

  /** Undefined if the mutant has not been tried yet, or its file has changed. */
  outcomeOf(mutant: Mutant): Outcome | undefined {
    return this.known.get(keyOf(mutant))
  }

  add(mutant: Mutant, outcome: Outcome, description: string): void {
    if (this.path !== undefined) appendFileSync(this.path, `${keyOf(mutant)}\t${outcome}\t${description}\n`)
  }
}

function keyOf({ file, source, start, end, after }: Mutant): string {
  return createHash('sha256')
    .update(JSON.stringify([file, source, start, end, after]))
    .digest('hex')
    .slice(0, 16)
}
