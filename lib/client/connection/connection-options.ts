import type { ConnectOptions } from '../../net/options.js'
import type { Call } from '../calls/call.js'
import type { Credentials } from './login.js'

export type ClientProtocol = 'meta' | 'binary' | 'text'

/** What the connections of one server have in common. */
export interface ConnectionOptions {
  /** The server, as errors name it. */
  readonly name: string
  readonly protocol: ClientProtocol
  /** A server that does not know meta commands is spoken to in text. */
  readonly mayUseText: boolean
  readonly net: ConnectOptions<Call>
  readonly credentials: Credentials | undefined
  /** Calls that wait for their replies on one connection. */
  readonly inFlightMax: number
  /** Calls that have failed by their deadline, and whose replies are still to come; beyond it the connection is closed. */
  readonly abandonedMax: number
  /** Once the first call has failed, the connection is closed if nothing arrives for so many milliseconds. */
  readonly silentMsMax: number
}
