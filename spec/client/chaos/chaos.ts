import { Client, type ClientProtocol } from '../../../lib/client/index.js'
import { Random } from '../../support/random.js'
import { ChaosProxy } from './chaos-proxy.js'
import { Judge } from './judge.js'
import type { Pot } from './lies.js'
import { MortalServers } from './mortal-servers.js'
import { Player, type PlayerParts } from './player.js'

export interface ChaosOptions {
  readonly callCount: number
  readonly seed: number
  /** Told now and then how many calls were made. */
  readonly onProgress?: (judge: Judge) => void
}

export interface ChaosOutcome {
  readonly judge: Judge
  /** How often each fault and each lie was made. */
  readonly faults: ReadonlyMap<string, number>
  readonly killCount: number
  /** What each client could not do at the end, when nothing disturbed it any more. */
  readonly unrecovered: readonly string[]
}

/** A client and the proxies between it and the servers. */
interface Disturbed {
  readonly name: string
  readonly client: Client
  readonly proxies: readonly ChaosProxy[]
  readonly players: readonly Player[]
}

/**
 * Makes so many calls through proxies that do everything that is bad, and compares all results with what can be.
 *
 *     players ──▶ client ──▶ proxies ──▶ servers         for each protocol, without and with lies
 *
 * The proxies of half of the clients lie: there a get must not return what was never set for its key. The others are also held
 * to what is stored.
 */
export async function runChaos({ callCount, seed, onProgress }: ChaosOptions): Promise<ChaosOutcome> {
  const random = new Random(seed)
  const judge = new Judge()
  const faults = new Map<string, number>()
  const servers = await MortalServers.start(random)
  const disturbed: Disturbed[] = []
  for (const isLied of [false, true])
    for (const protocol of PROTOCOLS)
      disturbed.push(await disturb({ random, judge, faults, servers, protocol, isLied }))

  const stopProgress = onProgress && setInterval(() => onProgress(judge), PROGRESS_MS)
  const players = disturbed.flatMap((one) => one.players)
  await Promise.all(
    players.map(async (player) => {
      while (judge.callCount < callCount) await player.play()
    }),
  )
  clearInterval(stopProgress)
  await servers.stopKilling()
  const unrecovered = (await Promise.all(disturbed.map(recover))).filter((words) => words !== undefined)
  judge.loop.stop()
  for (const { client, proxies } of disturbed) {
    await client.close()
    for (const proxy of proxies) await proxy.stop()
  }
  await servers.stop()
  return { judge, faults, killCount: servers.killCount, unrecovered }
}

interface DisturbParts {
  readonly random: Random
  readonly judge: Judge
  readonly faults: Map<string, number>
  readonly servers: MortalServers
  readonly protocol: ClientProtocol
  readonly isLied: boolean
}

async function disturb(parts: DisturbParts): Promise<Disturbed> {
  const { random, judge, faults, servers, protocol, isLied } = parts
  const pot: Pot = []
  const proxyOf = (port: number) =>
    ChaosProxy.start({ random, port, protocol, isLying: isLied, pot, counts: faults })
  const proxies = await Promise.all(servers.ports.map(proxyOf))
  const timeoutMs = 50 + random.below(400)
  const addresses = proxies.map(({ address }) => address)
  const client = new Client(addresses, {
    protocol,
    timeout: timeoutMs,
    pool: { max: 1 + random.below(3), busyAt: 4, healthCheckMs: 1000, backoffMaxMs: 200 },
    breaker: random.chance(0.5) ? false : { openMs: 20, openMsMax: 200 },
  })
  const name = `${protocol}${isLied ? '-lied' : ''}`
  const killCount = () => servers.killCount
  const playerParts: PlayerParts = { client, protocol, isLied, timeoutMs, judge, random, killCount }
  const players = Array.from(
    { length: PLAYER_COUNT },
    (_, index) => new Player(`${name}.${index}`, playerParts),
  )
  return { name, client, proxies, players }
}

/** When the network and the servers are well again, so is the client. */
async function recover({ name, client, proxies }: Disturbed): Promise<string | undefined> {
  for (const proxy of proxies) proxy.calm()
  const endMs = performance.now() + RECOVERY_MS_MAX
  while (true) {
    try {
      await client.noop({ timeout: RECOVERY_MS_MAX })
      return undefined
    } catch (error) {
      if (performance.now() > endMs) return `${name}: ${(error as Error).message}`
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const PROTOCOLS: readonly ClientProtocol[] = ['meta', 'binary', 'text']
const PLAYER_COUNT = 64
const PROGRESS_MS = 10_000
const RECOVERY_MS_MAX = 20_000
