import { setTimeout as sleep } from 'node:timers/promises'
import { loadClientLibrary } from './engines/engine-client.js'
import type { GatewaySettings } from './engines/gateway-settings.js'
import { keySlot } from './engines/key-slot.js'
import { Router } from './engines/router.js'
import { checkEngine, checkScripts } from './engines/start-check.js'
import { Topology } from './engines/topology.js'
import type { Gateway, GatewayNeeds, OpenGateway } from './gateway.js'
import { GatewayEngine } from './gateway-engine.js'
import { GatewayParts } from './gateway-parts.js'
import { gatewayStatistics } from './gateway-statistics.js'
import { HEADER_LENGTH } from './items/item-format.js'
import { JoinedGets } from './joined-gets.js'
import { DelayedFlush } from './keys/delayed-flush.js'
import { nodeFigures } from './node-figures.js'
import { PlacedValue } from './placed-value.js'

/** Connects to an engine that can be used. Rejects with one sentence if there is none. */
export const openGateway: OpenGateway = async (settings) => {
  const library = await loadClientLibrary()
  const facts = await checkEngine(library, settings)
  let router: Router | undefined
  let delayedFlush: DelayedFlush | undefined
  const topology = new Topology(library, settings, facts.isCluster, () => router?.retryNow())
  try {
    await untilReady(topology, settings)
  } catch (error) {
    topology.close()
    throw error
  }
  return {
    createEngine(needs) {
      router = new Router(topology, needs.context.counters, settings, needs.report)
      const parts = createParts(router, settings, needs, facts.valueLengthMax - HEADER_LENGTH)
      // One worker looks for all.
      if (needs.arena.workerSlot.worker === 0) delayedFlush = new DelayedFlush(parts)
      return new GatewayEngine(needs.local, parts, needs.region)
    },
    statistics: () =>
      router === undefined ? [] : gatewayStatistics(facts, nodeFigures(topology), router.counters),
    nodes: () => nodeFigures(topology),
    close() {
      delayedFlush?.close()
      if (router === undefined) topology.close()
      else router.close()
    },
  } satisfies Gateway
}

/** All primaries are known and connected, and run scripts. */
async function untilReady(topology: Topology, { timeoutMs, prefix }: GatewaySettings): Promise<void> {
  await topology.refreshFirst()
  const deadline = performance.now() + timeoutMs
  while (!topology.isReady) {
    const missing = topology.primaries.find(({ isReady }) => !isReady)
    if (performance.now() > deadline) {
      const why = missing?.lastError?.message ?? 'it does not answer'
      throw new Error(`--gateway: ${missing?.address ?? 'the cluster'}: ${why}`)
    }
    await sleep(POLL_MS)
  }
  await checkScripts(topology.nodeOf(keySlot(Buffer.from(prefix)))!, prefix)
}

function createParts(
  router: Router,
  settings: GatewaySettings,
  needs: GatewayNeeds,
  valueLengthMax: number,
): GatewayParts {
  const { arena, region, context } = needs
  const values = new PlacedValue(arena, GatewayEngine.valuesStart(region))
  const gets = settings.joinsGets ? new JoinedGets(router, context.counters) : undefined
  const prefix = Buffer.from(settings.prefix)
  return new GatewayParts({ context, router, prefix, gets, values, valueLengthMax, report: needs.report })
}

const POLL_MS = 5
