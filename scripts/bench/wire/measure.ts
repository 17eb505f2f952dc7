import { runMemcaslap } from '../support/memcaslap.js'
import type { ServerKind } from '../support/server-kinds.js'
import { Contender } from './contender.js'
import type { Extent } from './extent.js'
import type { Run } from './generator.js'
import type { Scenario } from './scenarios.js'

/** The runs of one server in one scenario. */
export interface Runs {
  readonly runs: readonly Run[]
  /** Young collections per million requests, if the server runs on Node. */
  readonly collectionsPerMillion: number | undefined
  /** By the companion, after all runs. */
  readonly companionSaid?: unknown
}

/** Long enough for Node to have compiled what is hot. */
const WARM_UP_SECONDS = 1

/** Runs a scenario on the servers in turn: a temporary disturbance of the machine affects them alike. */
export async function measure(
  scenario: Scenario,
  kinds: readonly ServerKind[],
  extent: Extent,
): Promise<Runs[]> {
  const contenders = await Promise.all(kinds.map((kind) => Contender.start(kind, scenario)))
  for (const contender of contenders) await contender.run(WARM_UP_SECONDS)
  const before = await collectionCounts(contenders)
  const runs: Run[][] = contenders.map(() => [])
  for (let pair = 0; pair < extent.pairCount; pair++)
    for (const [index, contender] of contenders.entries())
      runs[index]!.push(await contender.run(extent.seconds))
  const after = await collectionCounts(contenders)
  const said = await Promise.all(contenders.map((contender) => contender.askCompanion()))
  await Promise.all(contenders.map((contender) => contender.stop()))
  return runs.map((own, index) => ({
    runs: own,
    collectionsPerMillion: perMillion(before[index], after[index], own),
    companionSaid: said[index],
  }))
}

function collectionCounts(contenders: readonly Contender[]): Promise<(number | undefined)[]> {
  return Promise.all(contenders.map((contender) => contender.collectionCount()))
}

function perMillion(
  before: number | undefined,
  after: number | undefined,
  runs: readonly Run[],
): number | undefined {
  if (before === undefined || after === undefined) return undefined
  const requestCount = runs.reduce((sum, run) => sum + run.requestCount, 0)
  return ((after - before) / requestCount) * 1e6
}

/** The same under memcaslap, with a new server for each run. Collections are not counted. */
export async function measureMemcaslap(
  connectionCount: number,
  kinds: readonly ServerKind[],
  { pairCount, seconds }: Extent,
): Promise<Runs[]> {
  const runs: Run[][] = kinds.map(() => [])
  for (let pair = 0; pair < pairCount; pair++)
    for (const [index, kind] of kinds.entries())
      runs[index]!.push(await runMemcaslap(kind, connectionCount, Math.max(seconds, MEMCASLAP_SECONDS_MIN)))
  return runs.map((own) => ({ runs: own, collectionsPerMillion: undefined }))
}

/** It opens its connections within this time, too. */
const MEMCASLAP_SECONDS_MIN = 2
