import { randomUUID } from 'node:crypto'
import { Counter } from '../../metrics/counters.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Status } from '../../request/status.js'
import type { EngineNode } from '../engines/engine-node.js'
import { keySlot } from '../engines/key-slot.js'
import { Effect } from '../engines/node-command.js'
import type { GatewayCall, GatewayHandler } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { scanKeys } from './scan.js'

/**
 * Deletes every key with the prefix, on all primaries. The key that is nothing but the prefix belongs to no item: it names the
 * flush that is due later, so that a later flush of any gateway replaces it.
 */
export const flush: GatewayHandler = {
  begin(parts, call) {
    const { context } = parts
    const delay = context.absoluteTime(call.words.expiry) - context.store.clock.now
    if (mayFlush(parts, call))
      settleBy(call, delay > 0 ? flushLater(parts, delay) : flushKeys(parts, parts.prefix))
  },
  finish: finishFlush,
}

/** The same for the keys that begin with that of the request. */
export const flushPrefix: GatewayHandler = {
  begin(parts, call) {
    if (mayFlush(parts, call)) settleBy(call, flushKeys(parts, parts.engineKey(call.key)))
  },
  finish: finishFlush,
}

function mayFlush({ context }: GatewayParts, call: GatewayCall): boolean {
  const { flushEnabled } = context.options
  if (!flushEnabled) call.replied(Status.UNAUTHENTICATED)
  return flushEnabled
}

function settleBy(call: GatewayCall, done: Promise<void>): void {
  done.then(
    () => call.replied(Status.OK),
    () => call.failed(Status.TEMPORARY_FAILURE),
  )
}

function finishFlush({ context }: GatewayParts, call: GatewayCall, _request: Request, reply: Reply): void {
  reply.status = call.status === Status.OK ? (call.result as Status) : call.status
  if (reply.status === Status.OK) context.counters.count(Counter.cmd_flush)
}

/** Slots that move while a pass runs may take keys along that it has not seen: then another one follows. */
async function flushKeys(parts: GatewayParts, prefix: Buffer): Promise<void> {
  const { topology } = parts.router
  for (let pass = 0; pass < PASS_COUNT_MAX; pass++) {
    const before = topology.changeCount
    await Promise.all(topology.primaries.map((node) => flushNode(parts, node, prefix)))
    await topology.refresh()
    if (topology.changeCount === before) return
  }
  throw new Error('the slots of the cluster move all the time')
}

async function flushNode(parts: GatewayParts, node: EngineNode, prefix: Buffer): Promise<void> {
  for await (const keys of scanKeys(node, prefix, PORTION))
    await Promise.all(keys.map((key) => send(parts, key, 'unlink', key)))
}

async function flushLater(parts: GatewayParts, delay: number): Promise<void> {
  const { prefix } = parts
  const name = randomUUID()
  await send(parts, prefix, 'set', prefix, name)
  const timer = setTimeout(async () => {
    try {
      const latest = await send(parts, prefix, 'get', prefix)
      if (String(latest) === name) await flushKeys(parts, prefix)
    } catch (error) {
      parts.report(`--gateway: a delayed flush has failed: ${(error as Error).message}`)
    }
  }, delay * 1000)
  timer.unref()
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
