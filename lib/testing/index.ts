/// <reference types="node" preserve="true" />
/** What `keepcached/testing` exports: a memcached for tests. */
export type { CommandName } from './faults/commands.js'
export type { Fault, FaultEffect, FaultOccasion } from './faults/fault.js'
export type { ErrorName } from './faults/outcomes.js'
export type { TestItem } from './serving/controls.js'
export type { LoadedValue } from './serving/loaded-value.js'
export type { TestRequest } from './serving/request-log.js'
export { startTestServer } from './start-test-server.js'
export type { TestServerOptions } from './test-options.js'
export type {
  OrderedFault,
  TestConnection,
  TestServer,
  TestServerClock,
  TestServerFaults,
} from './test-server.js'
