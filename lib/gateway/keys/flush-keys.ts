import type { EngineNode } from '../engines/engine-node.js'
import { keySlot } from '../engines/key-slot.js'
import { Effect } from '../engines/node-command.js'
import type { GatewayParts } from '../gateway-parts.js'
import { scanKeys } from './scan.js'

/**
 * Deletes the keys that begin with the prefix, on all primaries; with `keepsOrder` all but that of the delayed flush. Slots that
 * move while a pass runs may take keys along that it has not seen: then another one follows.
 */
export async function flushKeys(
  parts: GatewayParts,
  prefix: Buffer,
  { keepsOrder = false } = {},
): Promise<void> {
  const { topology } = parts.router
  for (let pass = 0; pass < PASS_COUNT_MAX; pass++) {
    const before = topology.changeCount
    await Promise.all(topology.primaries.map((node) => flushNode(parts, node, prefix, keepsOrder)))
    await topology.refresh()
    if (topology.changeCount === before) return
  }
  throw new Error('the slots of the cluster move all the time')
}

async function flushNode(
  parts: GatewayParts,
  node: EngineNode,
  prefix: Buffer,
  keepsOrder: boolean,
): Promise<void> {
  for await (const names of scanKeys(node, prefix, PORTION)) {
    const keys = keepsOrder ? names.filter((name) => name.length > parts.prefix.length) : names
    await Promise.all(keys.map((key) => send(parts, key, 'unlink', key)))
  }
}

/** A command that may be repeated. */
function send(parts: GatewayParts, key: Buffer, ...words: (string | Buffer)[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    parts.router.send(
      { slot: keySlot(key), effect: Effect.REPEATABLE, words },
      { replied: resolve, failed: (status) => reject(new Error(`the engine has failed (${status})`)) },
    )
  })
}

const PASS_COUNT_MAX = 100
const PORTION = 500
