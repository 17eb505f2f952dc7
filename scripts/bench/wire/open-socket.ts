import { connect as connectPlain, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectEncrypted } from 'node:tls'
import { HOST } from '../support/server.js'

/** Where the load goes, and how. */
export interface Target {
  readonly port: number
  readonly isEncrypted: boolean
}

/** With TLS `onread` is not used: bytes come as events. The server's certificate is not verified. */
export function openSocket({ port, isEncrypted }: Target, onread?: OnReadOpts): Socket {
  const place = { port, host: HOST, noDelay: true }
  if (isEncrypted) return connectEncrypted({ ...place, rejectUnauthorized: false }).setNoDelay(true)
  return connectPlain({ ...place, ...(onread && { onread }) })
}

/** The event after which requests may be sent. */
export const openedEvent = ({ isEncrypted }: Target) => (isEncrypted ? 'secureConnect' : 'connect')
