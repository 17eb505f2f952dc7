import type { Reply } from '../request/reply.js'
import { type Request, ShutdownMode } from '../request/request.js'
import { Status } from '../request/status.js'
import type { Context } from './context/context.js'

/** Sets how much the server logs. */
export function verbosity(context: Context, request: Request): void {
  context.serverControl.setVerbosity(request.verbosity)
}

/** Sets the memory limit of items and their index, in megabytes. */
export function limitMemory(context: Context, request: Request, reply: Reply): void {
  if (!context.store.memory.limit(request.megabytes * MEGABYTE)) reply.status = Status.INVALID_ARGUMENTS
}

/** Moves the server's clock, for tests. Otherwise unknown, because any client could expire all items with it. */
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
  } else if (request.shutdownMode === ShutdownMode.UNKNOWN) {
    reply.status = Status.INVALID_ARGUMENTS
  } else {
    reply.isLast = true
    context.serverControl.shutDown(request.shutdownMode === ShutdownMode.GRACEFUL)
  }
}

export function refreshCertificates(context: Context, _request: Request, reply: Reply): void {
  reply.text = context.serverControl.refreshCertificates() ?? ''
}

const MEGABYTE = 1024 * 1024
