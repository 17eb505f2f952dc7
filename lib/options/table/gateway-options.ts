import { ACKNOWLEDGEMENT } from '../kinds/acknowledgement.js'
import { ENGINE } from '../kinds/engine-address.js'
import { integer } from '../kinds/number-kinds.js'
import { choice, flag, text } from '../kinds/option-kinds.js'
import type { OptionTable } from './option-row.js'

/** Items that live on another engine. */
export interface GatewayOptions {
  /** Where the items live, as `redis://host:port`, several separated by commas, or `redis+sentinel://host:port,…/name`; null: in this process. */
  readonly gateway: string | null
  /** An engine that receives all changes, while items are served from this process; null: none. */
  readonly gatewayShadow: string | null
  /** Before every key on the engine. */
  readonly gatewayPrefix: string | null
  /** Milliseconds after which a request that the engine has not answered fails. */
  readonly gatewayTimeout: number
  /** Seconds for which a start waits for an engine that cannot be used yet. */
  readonly gatewayWait: number
  /** How many replicas must have a change before it is acknowledged, as `replicas=N`; null: none. */
  readonly gatewayAck: string | null
  /** Which nodes gets are sent to. What a replica returns may be older than the last change. */
  readonly gatewayReads: 'primary' | 'replica'
  /** Whether gets of one key at the same time are sent to the engine once. */
  readonly gatewayJoin: boolean
}

const TIMEOUT_MAX = 60_000
const WAIT_MAX = 86_400
const PREFIX_LENGTH_MAX = 100

export const GATEWAY_OPTIONS: OptionTable<GatewayOptions> = {
  gateway: {
    longName: 'gateway',
    kind: ENGINE,
    default: null,
    help: 'keep the items on Redis or Valkey: redis://host:port, several nodes of a cluster with commas, or redis+sentinel://host:port,…/name',
  },
  gatewayShadow: {
    longName: 'gateway-shadow',
    kind: ENGINE,
    default: null,
    help: 'serve from memory, and send all changes to this Redis or Valkey, too, to move there later',
  },
  gatewayPrefix: {
    longName: 'gateway-prefix',
    kind: text('<text>', 'a prefix', PREFIX_LENGTH_MAX),
    default: 'kc:',
    help: 'before every key on the engine; all keys that begin so are items, and flush_all deletes them',
  },
  gatewayTimeout: {
    longName: 'gateway-timeout',
    kind: integer('a number of milliseconds', { min: 10, max: TIMEOUT_MAX, unit: 'milliseconds' }),
    default: 1000,
    help: 'milliseconds for a request; then it fails if the engine has not answered',
  },
  gatewayWait: {
    longName: 'gateway-wait',
    kind: integer('a number of seconds', { min: 0, max: WAIT_MAX, unit: 'seconds' }),
    default: 0,
    help: 'seconds that a start waits for the engine',
  },
  gatewayAck: {
    longName: 'gateway-ack',
    kind: ACKNOWLEDGEMENT,
    default: null,
    help: 'acknowledge a change when N replicas have it: replicas=N; otherwise it is a temporary failure',
  },
  gatewayReads: {
    longName: 'gateway-reads',
    kind: choice('where gets are sent', 'primary', 'replica'),
    default: 'primary',
    help: 'where gets are sent: primary, or replica, whose values may be older than the last change',
  },
  gatewayJoin: {
    longName: 'gateway-no-join',
    kind: flag(false),
    default: true,
    help: 'send every get to the engine, even if others ask for the same key at the same time',
  },
}
