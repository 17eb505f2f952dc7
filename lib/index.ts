/** What the package `keepcached` exports. The codecs are `keepcached/protocol`. */
export type { ListenAddress } from './options/kinds/listen-address.js'
export type { ProtocolName, ServerOptions } from './options/table/options.js'
export { Server } from './server/server.js'
