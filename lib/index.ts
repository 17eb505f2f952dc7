/// <reference types="node" preserve="true" />
/** What the package `keepcached` exports. The codecs are `keepcached/protocol`. */
export type { Change } from './feed/change.js'
export type { ChangesOptions } from './feed/changes-options.js'
export type { StartOptions } from './options/complete-options.js'
export type { ListenAddress, TlsRule } from './options/kinds/listen-address.js'
export type { ProtocolName, ServerOptions } from './options/table/options.js'
export type { ChangeName } from './request/change-names.js'
export type { ListenerFacts } from './server/listening/listener-facts.js'

import { provideAdmin } from './server/admin-door.js'

export { Server } from './server/server.js'

// Loaded only by a server that has the option.
provideAdmin(async () => (await import('./admin/open-admin.js')).openAdmin)
