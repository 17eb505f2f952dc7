/** Selects the mutants: as many of each file, as long as it has some, in an order from the seed. */
import type { Random } from '../../spec/support/random.js'
import type { Mutant } from './mutants.js'

export function draw(mutantsByFile: readonly (readonly Mutant[])[], count: number, random: Random): Mutant[] {
  const files = mutantsByFile.map((mutants) => shuffled(mutants, random))
  const drawn: Mutant[] = []
  const most = Math.max(0, ...files.map((mutants) => mutants.length))
  for (let round = 0; round < most; round++) {
    for (const mutants of shuffled(files, random)) {
      const mutant = mutants[round]
      if (mutant !== undefined && drawn.length < count) drawn.push(mutant)
    }
  }
  return drawn
}

function shuffled<Value>(values: readonly Value[], random: Random): Value[] {
  const left = [...values]
  return values.map(() => left.splice(random.below(left.length), 1)[0]!)
}
