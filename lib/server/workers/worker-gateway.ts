import type { Arena } from '../../arena/arena.js'
import type { GatewaySettings } from '../../gateway/engines/gateway-settings.js'
import type { Gateway } from '../../gateway/gateway.js'
import type { Shadow } from '../../gateway/shadow/shadow.js'
import { readAcknowledgement } from '../../options/kinds/acknowledgement.js'
import { readEngineAddress } from '../../options/kinds/engine-address.js'
import type { ServerOptions } from '../../options/table/options.js'
import { RESTORED_LENGTH_MAX } from '../../request/limits.js'
import type { Worker } from '../connection/worker.js'
import type { Log } from './log.js'

/** The gateway of a worker, if the items live elsewhere. Its code is loaded only then. */
export async function openWorkerGateway(options: ServerOptions): Promise<Gateway | undefined> {
  if (options.gateway === null) return undefined
  const { openGateway } = await import('../../gateway/open-gateway.js')
  return openGateway(settingsFor(options, options.gateway))
}

/** The engine that receives the changes of this server, if there is one. Its thread reads the feed. */
export async function openShadow(
  options: ServerOptions,
  worker: Worker,
  log: Log,
): Promise<Shadow | undefined> {
  const { gatewayShadow } = options
  if (gatewayShadow === null) return undefined
  const { Shadow } = await import('../../gateway/shadow/shadow.js')
  return Shadow.open({
    settings: settingsFor(options, gatewayShadow),
    feed: worker.feed!,
    counters: worker.counters.forAcceptor(),
    report: (text) => log.say(0, text),
  })
}

/** How long a stopping server waits for replies. */
export const gatewayReplyMsMax = ({ gateway, gatewayTimeout }: ServerOptions): number =>
  gateway === null ? 0 : gatewayTimeout

/** Memory of all workers for the requests and values that their gateways restore. */
export const gatewayRegionLength = ({ gateway }: ServerOptions, workerCount: number): number =>
  gateway === null ? 0 : workerCount * RESTORED_LENGTH_MAX + ALIGNMENT

/** The part of this worker. */
export function reserveGatewayRegion(arena: Arena): number {
  const { worker, workerCount } = arena.workerSlot
  return arena.reserve(workerCount * RESTORED_LENGTH_MAX) + worker * RESTORED_LENGTH_MAX
}

function settingsFor(options: ServerOptions, gateway: string): GatewaySettings {
  const { endpoints, sentinelName, ...login } = readEngineAddress(gateway)!
  return {
    endpoints,
    sentinelName,
    login,
    prefix: options.gatewayPrefix ?? '',
    timeoutMs: options.gatewayTimeout,
    waitMs: options.gatewayWait * 1000,
    ackReplicaCount: options.gatewayAck === null ? 0 : readAcknowledgement(options.gatewayAck)!,
    readsReplicas: options.gatewayReads === 'replica',
    joinsGets: options.gatewayJoin,
  }
}

const ALIGNMENT = 4096
