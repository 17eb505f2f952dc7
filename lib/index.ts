/** What the package `keepcached` exports. The codecs are `keepcached/protocol`. */
export type { ListenAddress } from './server/listen-address.js'
export type { ProtocolName, ServerOptions } from './server/options.js'
export { Server } from './server/server.js'
