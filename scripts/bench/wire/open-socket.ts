import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectEncrypted } from 'node:tls'
import { HOST } from '../support/server.js'

/** Where the load goes, and how. */
export interface Target {
  readonly port: number
  readonly isEncrypted: boolean
}

/** With TLS nothing is read by `onread`: that comes as events. Who the server is nobody asks. */
export function openSocket({ port, isEncrypted }: Target, onread?: OnReadOpts): Socket {
  const place = { port, host: HOST, noDelay: true }
  if (isEncrypted) return connectEncrypted({ ...place, rejectUnauthorized: false }).setNoDelay(true)
  return connectPlain({ ...place, ...(onread && { onread }) })
}

/** The event that tells that requests may be sent. */
export const openedEvent = ({ isEncrypted }: Target) => (isEncrypted ? 'secureConnect' : 'connect')
