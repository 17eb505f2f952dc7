import type { Arena } from '../arena/arena.js'
import type { Context } from '../commands/context/context.js'
import type { Engine } from '../request/engine.js'
import type { RemoteEngine } from '../request/remote-engine.js'
import type { Statistic } from '../request/reply.js'
import type { GatewaySettings } from './engines/gateway-settings.js'
import type { NodeFigures } from './node-figures.js'

/** The gateway of one worker, as the server sees it. */
export interface Gateway {
  /** The engine of the worker. Called once. */
  createEngine(needs: GatewayNeeds): RemoteEngine
  /** `stats gateway` */
  statistics(): readonly Statistic[]
  /** What this worker has counted for each node of the engine. */
  nodes(): NodeFigures[]
  close(): void
}

export interface GatewayNeeds {
  readonly arena: Arena
  /** The worker's own region. */
  readonly region: number
  readonly context: Context
  /** Runs what is not about items. */
  readonly local: Engine
  /** Tells the operator what the engine refuses. */
  report(text: string): void
}

export type OpenGateway = (settings: GatewaySettings) => Promise<Gateway>
