import { randomUUID } from 'node:crypto'
import { Counter } from '../../metrics/counters.js'
import { Status } from '../../request/status.js'
import { keySlot } from '../engines/key-slot.js'
import type { GatewayHandler } from '../gateway-call.js'
import type { GatewayParts } from '../gateway-parts.js'
import { scanKeys } from './scan.js'

/**
 * Deletes every key with the prefix, on all primaries. The key that is nothing but the prefix belongs to no item: it names the
 * flush that is due later, so that a later flush of any gateway replaces it.
 */
export const flush: GatewayHandler = {
  begin(parts, call) {
    const { context } = parts
    if (!context.options.flushEnabled) {
      call.replied(Status.UNAUTHENTICATED)
      return
    }
    const { now } = context.store.clock
    const delay = context.absoluteTime(call.words.expiry) - now
    const done = delay > 0 ? flushLater(parts, delay) : flushAll(parts)
    done.then(
      () => call.replied(Status.OK),
      () => call.failed(Status.TEMPORARY_FAILURE),
    )
  },
  finish({ context }, call, _request, reply) {
    reply.status = call.status === Status.OK ? (call.result as Status) : call.status
    if (reply.status !== Status.UNAUTHENTICATED) context.counters.count(Counter.cmd_flush)
  },
}

/** Slots that move while a pass runs may take keys along that it has not seen: then another one follows. */
async function flushAll(parts: GatewayParts): Promise<void> {
  const { topology } = parts.router
  for (let pass = 0; pass < PASS_COUNT_MAX; pass++) {
    const before = topology.changeCount
    await Promise.all(topology.primaries.map((node) => flushNode(parts, node)))
    await topology.refresh()
    if (topology.changeCount === before) return
  }
  throw new Error('the slots of the cluster move all the time')
}

async function flushNode(parts: GatewayParts, node: Parameters<typeof scanKeys>[0]): Promise<void> {
  for await (const keys of scanKeys(node, parts.prefix, PORTION))
    await Promise.all(keys.map((key) => send(parts, key, 'unlink', key)))
}

async function flushLater(parts: GatewayParts, delay: number): Promise<void> {
  const { prefix } = parts
  const name = randomUUID()
  await send(parts, prefix, 'set', prefix, name)
  const timer = setTimeout(async () => {
    try {
      const latest = await send(parts, prefix, 'get', prefix)
      if (String(latest) === name) await flushAll(parts)
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
      { slot: keySlot(key), isRead: true, words },
      { replied: resolve, failed: (status) => reject(new Error(`the engine has failed (${status})`)) },
    )
  })
}

const PASS_COUNT_MAX = 100
const PORTION = 500
