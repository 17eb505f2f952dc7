import { Command } from '../request/command.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import type { Context } from './context/context.js'

/** Whether this connection may run the command. Otherwise the reply says why not, and is the last. */
export function mayExecute({ authenticator }: Context, request: Request, reply: Reply): boolean {
  if (authenticator !== undefined && !request.session.isAuthenticated && !isOpenToAll(request.command)) {
    reply.status = Status.UNAUTHENTICATED
  } else if (request.refusal !== Status.OK) {
    reply.status = request.refusal
  } else {
    return true
  }
  reply.isLast = true
  return false
}

/** The commands that are allowed before the login. */
const isOpenToAll = (command: Command): boolean =>
  command === Command.SASL_START ||
  command === Command.SASL_STEP ||
  command === Command.SASL_MECHANISMS ||
  command === Command.VERSION
