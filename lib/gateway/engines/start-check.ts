import { setTimeout as sleep } from 'node:timers/promises'
import { DESCRIBE } from '../scripts/read-scripts.js'
import type { ClientLibrary } from './engine-client.js'
import { EngineNode } from './engine-node.js'
import type { EngineEndpoint, GatewaySettings } from './gateway-settings.js'
import { SLOT_COUNT } from './key-slot.js'
import { Sentinels } from './sentinels.js'

/** What the engine is, if it can be used. */
export interface EngineFacts {
  readonly isCluster: boolean
  readonly name: string
  readonly version: string
  /** A longer value would end the connection to it. */
  readonly valueLengthMax: number
}

/** Looks whether the engine can be used, and tries again as long as the settings say. Rejects with one sentence. */
export async function checkEngine(library: ClientLibrary, settings: GatewaySettings): Promise<EngineFacts> {
  const deadline = performance.now() + settings.waitMs
  for (;;) {
    try {
      return await checkOnce(library, settings)
    } catch (error) {
      if (performance.now() >= deadline) throw error
      await sleep(PAUSE_MS)
    }
  }
}

/** The first endpoint that can be used counts; otherwise the first obstacle is told. */
async function checkOnce(library: ClientLibrary, settings: GatewaySettings): Promise<EngineFacts> {
  let obstacle: unknown
  const endpoints =
    settings.sentinelName === undefined ? settings.endpoints : [await primaryOf(library, settings)]
  for (const endpoint of endpoints) {
    const node = new EngineNode(library, endpoint, settings)
    try {
      await untilReady(node, settings.timeoutMs)
      return await checkNode(node, settings)
    } catch (error) {
      obstacle ??= error
    } finally {
      node.close()
    }
  }
  throw obstacle
}

/** The primary that the sentinels know. */
async function primaryOf(library: ClientLibrary, settings: GatewaySettings): Promise<EngineEndpoint> {
  const sentinels = new Sentinels(library, settings)
  const deadline = performance.now() + settings.timeoutMs
  try {
    for (;;) {
      const primary = await sentinels.primary()
      if (primary !== undefined) return primary
      if (performance.now() > deadline) throw new Error(`--gateway: ${sentinels.obstacle}`)
      await sleep(POLL_MS)
    }
  } finally {
    sentinels.close()
  }
}

async function untilReady(node: EngineNode, timeoutMs: number): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!node.isReady) {
    if (performance.now() > deadline || node.lastError !== undefined) {
      throw sentence(node, node.lastError?.message ?? `it does not answer within ${timeoutMs} ms`)
    }
    await sleep(POLL_MS)
  }
}

async function checkNode(
  node: EngineNode,
  { ackReplicaCount, sentinelName }: GatewaySettings,
): Promise<EngineFacts> {
  const info = String(await ask(node, 'info'))
  const facts = { ...factsIn(info), valueLengthMax: await valueLengthMaxOf(node) }
  const [, versionMin] = VERSIONS_MIN.find(([name]) => name === facts.name)!
  if (isOlder(facts.version, versionMin)) {
    throw sentence(node, `${facts.name} ${facts.version} is too old; ${versionMin} or later is needed`)
  }
  if (facts.isCluster && sentinelName !== undefined)
    throw sentence(node, 'it is a node of a cluster; give it without sentinels')
  if (facts.isCluster) await checkSlots(node)
  else if (/^role:slave/m.test(info)) throw sentence(node, 'it is a replica; give its primary')
  // Replied to at once.
  if (ackReplicaCount > 0) await ask(node, 'wait', '0', '0')
  return facts
}

/** Valkey says that it is Redis 7.2, too, for older clients. */
function factsIn(info: string): Omit<EngineFacts, 'valueLengthMax'> {
  const field = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? ''
  const valkeyVersion = field('valkey_version')
  return {
    isCluster: field('cluster_enabled') === '1',
    name: valkeyVersion === '' ? 'Redis' : 'Valkey',
    version: valkeyVersion === '' ? field('redis_version') : valkeyVersion,
  }
}

/** Managed engines may forbid CONFIG. */
async function valueLengthMaxOf(node: EngineNode): Promise<number> {
  const reply = await node.call('config', 'get', 'proto-max-bulk-len').catch(() => undefined)
  const length = Array.isArray(reply) ? Number(reply[1]) : Number.NaN
  return length > 0 ? length : VALUE_LENGTH_MAX
}

/** As the engine is delivered. */
const VALUE_LENGTH_MAX = 512 * 1024 * 1024

const VERSIONS_MIN: readonly (readonly [name: string, version: string])[] = [
  ['Redis', '6.2'],
  ['Valkey', '7.2'],
]

function isOlder(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [majorMin = 0, minorMin = 0] = than.split('.').map(Number)
  return major < majorMin || (major === majorMin && minor < minorMin)
}

async function checkSlots(node: EngineNode): Promise<void> {
  const ranges = (await ask(node, 'cluster', 'slots')) as readonly (readonly [number, number])[]
  const covered = ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)
  if (covered < SLOT_COUNT)
    throw sentence(node, `the cluster covers only ${covered} of its ${SLOT_COUNT} slots`)
}

/** Tries the one that changes nothing, on the key that belongs to no item. */
export async function checkScripts(node: EngineNode, prefix: string): Promise<void> {
  await ask(node, 'eval', DESCRIBE.source, '1', prefix)
  await ask(node, 'evalsha', DESCRIBE.hash, '1', prefix)
}

async function ask(node: EngineNode, ...words: string[]): Promise<unknown> {
  try {
    return await node.call(...words)
  } catch (error) {
    // A refused login is told separately, and ends the connection.
    await sleep(POLL_MS)
    const { message } = node.lastError ?? (error as Error)
    throw sentence(node, `${words[0]!.toUpperCase()} fails: ${message}`)
  }
}

const sentence = ({ address }: EngineNode, text: string): Error => new Error(`--gateway: ${address}: ${text}`)

const PAUSE_MS = 200
const POLL_MS = 5
