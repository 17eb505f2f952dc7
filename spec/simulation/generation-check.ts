import { Finding } from './finding.js'
import { keeperStateOf } from './keeper-state.js'
import type { SimulatedServer } from './simulated-server.js'

/** New files are created for a snapshot, and after a journal has failed, but not for each attempt at a snapshot. */
export function checkGenerations({ keeper, said }: SimulatedServer, firstGeneration: number): void {
  const failureCount = said.filter((message) => message.startsWith('the journal has failed')).length
  const begunCount = keeperStateOf(keeper).generation - firstGeneration
  const countMax = keeper.snapshotCount + failureCount + 1
  if (begunCount > countMax)
    throw new Finding(`new journals were begun ${begunCount} times, and not ${countMax} at the most`)
}
