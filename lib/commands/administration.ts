import { ShutdownMode } from '../request/modes.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import type { Context } from './context.js'

/** How much the server says about itself. */
export function verbosity(context: Context, request: Request): void {
  context.serverControl.setVerbosity(Math.min(VERBOSITY_MAX, request.deltaLow >>> 0))
}

/** How much memory items and their index may take from now on, in megabytes. */
export function limitMemory(context: Context, request: Request, reply: Reply): void {
  if (!context.store.limitMemory((request.deltaLow >>> 0) * MEGABYTE)) reply.status = Status.INVALID_ARGUMENTS
}

/** Moves the server's idea of now, for tests. Elsewhere any client could end all items with it, so it is unknown there. */
export function moveClock(context: Context, request: Request, reply: Reply): void {
  if (!context.options.debugTime) {
    reply.status = Status.UNKNOWN_COMMAND
    return
  }
  context.store.clock.advance(request.expiry)
  context.store.refreshClock()
}

/** Ends the server, if clients may. */
export function shutDown(context: Context, request: Request, reply: Reply): void {
  if (!context.options.shutdownEnabled) {
    reply.status = Status.UNAUTHENTICATED
  } else if (request.deltaLow === ShutdownMode.UNKNOWN) {
    reply.status = Status.INVALID_ARGUMENTS
  } else {
    reply.isLast = true
    context.serverControl.shutDown(request.deltaLow === ShutdownMode.GRACEFUL)
  }
}

export function refreshCertificates(context: Context, _request: Request, reply: Reply): void {
  reply.text = context.serverControl.refreshCertificates() ?? ''
}

const VERBOSITY_MAX = 2
const MEGABYTE = 1024 * 1024
