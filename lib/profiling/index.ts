/// <reference types="node" preserve="true" />
/** Profiles of a program, on request: what `keepcached/profiling` exports. */
export { type ProfileOptions, type ProfileServer, serveProfiles } from './serve-profiles.js'
