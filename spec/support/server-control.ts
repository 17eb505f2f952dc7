import type { ServerControl } from '../../lib/commands/context/server-control.js'
import { WINDOW_LENGTH } from '../../lib/request/limits.js'

/** The store has no server. A defect in a spec is the spec's finding. */
export const SERVER_CONTROL: ServerControl = {
  memcachedVersion: '1.6.45',
  threadCount: 1,
  connectionCountMax: 1024,
  connectionCount: 1,
  countConnections: () => undefined,
  windowCount: 2,
  windowCountMax: 2,
  windowLength: WINDOW_LENGTH,
  setVerbosity: () => undefined,
  reportDefect: (error) => {
    throw error
  },
  shutDown: () => undefined,
  certificateAge: 0,
  refreshCertificates: () => 'Error TLS not enabled',
  settings: (detailEnabled) => [['detail_enabled', detailEnabled ? 'yes' : 'no']],
  connections: () => [['26:state', 'conn_parse_cmd']],
}
