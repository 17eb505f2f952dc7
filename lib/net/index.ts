/// <reference types="node" preserve="true" />
/** A small TCP framework around a codec: what `keepcached/net` exports. */
export { type Codec, NEED_MORE } from './codecs/codec.js'
export { Input } from './codecs/input.js'
export { type LengthPrefixedOptions, lengthPrefixed } from './codecs/length-prefixed.js'
export { type LinesOptions, lines } from './codecs/lines.js'
export { Output } from './codecs/output.js'
export { connect } from './connect.js'
export type { Connection, ConnectionState, Handlers } from './connection.js'
export { listen } from './listen.js'
export type { Listener } from './listener.js'
export { NetError, type NetErrorCode } from './net-error.js'
export type {
  ConnectionOptions,
  ConnectOptions,
  HeartbeatOptions,
  ListenOptions,
  ReconnectOptions,
} from './options.js'
