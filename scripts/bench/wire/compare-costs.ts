import type { ServerKind } from '../support/server-kinds.js'
import { tableLine } from '../support/table.js'
import type { Extent } from './extent.js'
import { cpuMicroseconds, median, pairRatios } from './figures.js'
import { measure } from './measure.js'
import { SCENARIOS } from './scenarios.js'

const WIDTHS = [20, 28, 14, 8, 14]

/**
 * Prints the CPU time per request of each server, also as a multiple of that of the first, for the scenarios with these names.
 * Returns what the companions of the servers have said.
 */
export async function compareCosts(
  scenarioNames: readonly string[],
  kinds: readonly ServerKind[],
  extent: Extent,
): Promise<unknown[][]> {
  const said: unknown[][] = []
  console.log(tableLine(WIDTHS, ['', '', 'CPU µs/request', 'ratio', 'spread']))
  for (const scenario of SCENARIOS.filter(({ name }) => scenarioNames.includes(name))) {
    const measured = await measure(scenario, kinds, extent)
    for (const [index, { runs }] of measured.entries()) {
      const ratios = pairRatios(runs, measured[0]!.runs)
      const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
      console.log(
        tableLine(WIDTHS, [
          index === 0 ? scenario.name : '',
          kinds[index]!.name,
          median(runs.map(cpuMicroseconds)).toFixed(3),
          median(ratios).toFixed(3),
          `${least.toFixed(2)}–${most.toFixed(2)}`,
        ]),
      )
    }
    said.push(measured.map(({ companionSaid }) => companionSaid))
  }
  return said
}
