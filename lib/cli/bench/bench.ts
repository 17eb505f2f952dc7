/** `keepcached bench`: load for one server, or for two by turns. */
import { showAddress } from '../../check/client/address.js'
import type { Endpoint } from '../../check/client/connection.js'
import { addressesOf, endpointOf } from '../arguments/endpoint.js'
import { Refusal } from '../arguments/refusal.js'
import type { Io, Run as RunTool } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { connectionOptionsOf } from '../shell/cache/open-client.js'
import { toolErrorOf } from '../shell/cache/tool-error.js'
import { type LoadPlan, loadPlanOf } from './load-plan.js'
import { Outcome } from './outcome.js'
import { Progress } from './progress.js'
import { Random } from './random.js'
import { jsonReport, peopleReport, type ServerRuns } from './report.js'
import { FillRequests, MixedRequests } from './requests.js'
import { ClosedLoop, FixedRate, type Schedule } from './schedule.js'
import { ServerLoad } from './server-load.js'

interface Contender {
  readonly name: string
  readonly load: ServerLoad
  readonly requests: MixedRequests
  readonly rounds: Outcome[]
}

export const bench: RunTool = async (given, io) => {
  const addresses = addressesOf(given, 'bench')
  const endpoints = addresses.map((address) => endpointOf(given, io.environment, address))
  const plan = loadPlanOf(given, endpoints[0]!.credentials !== undefined)
  const contenders = endpoints.map((endpoint) => contenderOf(endpoint, plan))
  const ending = io.interruption()
  const cut = (): void => {
    for (const { load } of contenders) load.cut()
  }
  ending.addEventListener('abort', cut, { once: true })
  const progress = new Progress(io.showProgress)
  try {
    for (const [index, { load }] of contenders.entries())
      await load.open().catch((error) => {
        throw toolErrorOf(error, endpoints[index]!, plan.protocol)
      })
    await prepare(contenders, plan, progress, ending)
    await measure(contenders, plan, progress, ending)
  } finally {
    progress.close()
    await Promise.all(contenders.map(({ load }) => load.close()))
  }
  return report(contenders, plan, given.has('json'), io)
}

function contenderOf(endpoint: Endpoint, plan: LoadPlan): Contender {
  const { protocol, inFlight, connections, seed } = plan
  const options = connectionOptionsOf(endpoint, protocol, inFlight)
  return {
    name: showAddress(endpoint.address),
    load: new ServerLoad(options, connections, endpoint.timeoutMs),
    requests: new MixedRequests(plan, new Random(seed)),
    rounds: [],
  }
}

const reasonOf = ({ firstError }: Outcome, name: string): string => firstError.replace(`${name}: `, '')

/** Stores every key, and warms up: the server, and the code of this program. */
async function prepare(
  contenders: readonly Contender[],
  plan: LoadPlan,
  progress: Progress,
  ending: AbortSignal,
): Promise<void> {
  const { fills, keyCount, warmUpSeconds } = plan
  for (const { name, load, requests } of contenders) {
    if (fills && !ending.aborted) {
      const schedule = new ClosedLoop(Number.POSITIVE_INFINITY, keyCount)
      progress.begin(`fill ${name}`, load, { count: keyCount })
      const requests = new FillRequests(plan)
      const filled = await load.execute({ requests, schedule, errorCountMax: 1 })
      if (filled.failures > 0)
        throw new Refusal(ExitCode.PROTOCOL, `${name}: the keys cannot be stored: ${reasonOf(filled, name)}`)
    }
    if (warmUpSeconds === 0 || ending.aborted) continue
    progress.begin(`warm up ${name}`, load, { seconds: warmUpSeconds })
    const warm = await load.execute({ requests, schedule: scheduleFor(plan, warmUpSeconds, undefined) })
    // Other errors come again when it counts.
    if (warm.isGone)
      throw new Refusal(ExitCode.UNAVAILABLE, `${name}: it went away in the warm-up: ${reasonOf(warm, name)}`)
  }
}

/** With two servers, in rounds: the first of a round is the second of the next one. */
async function measure(
  contenders: readonly Contender[],
  plan: LoadPlan,
  progress: Progress,
  ending: AbortSignal,
): Promise<void> {
  // A round has a request at least.
  const rounds = contenders.length === 1 ? 1 : Math.min(plan.rounds, plan.count ?? plan.rounds)
  const seconds = plan.seconds / rounds
  for (let round = 0; round < rounds && !ending.aborted; round++) {
    const outcomes = new Map<Contender, Outcome>()
    const count = plan.count === undefined ? undefined : shareOf(plan.count, round, rounds)
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      const { name, load, requests } = contender
      progress.begin(rounds === 1 ? name : `${round + 1}/${rounds} ${name}`, load, { seconds, count })
      outcomes.set(contender, await load.execute({ requests, schedule: scheduleFor(plan, seconds, count) }))
      if (ending.aborted) break
    }
    // A pair that was cut is none.
    if (outcomes.size === contenders.length)
      for (const [{ rounds: done }, outcome] of outcomes) done.push(outcome)
  }
}

/** The shares of all rounds are alike, and are the count together. */
const shareOf = (count: number, round: number, rounds: number): number =>
  Math.floor((count * (round + 1)) / rounds) - Math.floor((count * round) / rounds)

function scheduleFor({ rate }: LoadPlan, seconds: number, count: number | undefined): Schedule {
  const nowMs = performance.now()
  if (rate !== undefined)
    return new FixedRate(nowMs, { rate, count: count ?? Math.ceil(rate * seconds), patienceMs: PATIENCE_MS })
  return new ClosedLoop(
    count === undefined ? nowMs + 1000 * seconds : Number.POSITIVE_INFINITY,
    count ?? Number.POSITIVE_INFINITY,
  )
}

async function report(
  contenders: readonly Contender[],
  plan: LoadPlan,
  isJson: boolean,
  io: Io,
): Promise<ExitCode> {
  const servers = contenders.map(({ name, rounds }): ServerRuns => {
    const total = new Outcome()
    for (const outcome of rounds) total.add(outcome)
    return { name, rounds, total }
  })
  await io.write(isJson ? jsonReport(plan, servers) : peopleReport(servers))
  return servers.some(({ total }) => total.failures > 0) ? ExitCode.NO : ExitCode.OK
}

/** How late a request may start at a fixed rate. */
const PATIENCE_MS = 1000
