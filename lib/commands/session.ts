import { Counter } from '../metrics/counters.js'
import { MECHANISM_LENGTH_MAX } from '../request/limits.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import type { SaslAnswer } from '../request/session.js'
import { Status } from '../request/status.js'
import type { Context } from './context/context.js'

/** Does nothing, but in order: its reply shows that all requests before it are done. */
export function noop(): void {}

export function version(context: Context, _request: Request, reply: Reply): void {
  reply.text = context.serverControl.memcachedVersion
}

export function quit(_context: Context, _request: Request, reply: Reply): void {
  reply.isLast = true
}

export function unknown(_context: Context, _request: Request, reply: Reply): void {
  reply.status = Status.UNKNOWN_COMMAND
}

/** A name and a password; if they are right, the client may use all other commands from now on. */
export function logIn(context: Context, request: Request, reply: Reply): void {
  const { arena, counters, passwords } = context
  counters.count(Counter.auth_cmds)
  const name = arena.bytes.subarray(request.keyStart, request.keyEnd)
  const password = arena.bytes.subarray(request.valueStart, request.valueEnd)
  if (passwords?.isRight(name, password) !== true) {
    counters.count(Counter.auth_errors)
    reply.status = Status.UNAUTHENTICATED
    return
  }
  request.session.mustLogIn = false
}

export function saslMechanisms(context: Context, _request: Request, reply: Reply): void {
  if (context.authenticator === undefined) reply.status = Status.UNKNOWN_COMMAND
  else reply.text = context.authenticator.mechanisms
}

/** Begins a login. It logs out first, until this attempt succeeds. */
export function saslStart(context: Context, request: Request, reply: Reply): void {
  const { authenticator, counters } = context
  if (authenticator === undefined) {
    reply.status = Status.UNKNOWN_COMMAND
    return
  }
  if (request.keyEnd - request.keyStart > MECHANISM_LENGTH_MAX) {
    reply.status = Status.INVALID_ARGUMENTS
    return
  }
  counters.count(Counter.auth_cmds)
  const mechanism = context.arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
  settle(context, request, reply, authenticator.start(mechanism, messageOf(context, request)))
}

/** Continues the login that `saslStart` began. */
export function saslStep(context: Context, request: Request, reply: Reply): void {
  if (context.authenticator === undefined) {
    reply.status = Status.UNKNOWN_COMMAND
    return
  }
  const { exchange } = request.session
  context.counters.count(Counter.auth_cmds)
  const answer = exchange?.step(messageOf(context, request)) ?? { status: Status.UNAUTHENTICATED }
  settle(context, request, reply, answer)
}

function settle(context: Context, request: Request, reply: Reply, answer: SaslAnswer): void {
  const { session } = request
  session.isAuthenticated = answer.status === Status.OK
  session.exchange = undefined
  reply.status = answer.status
  if (answer.status === Status.OK) {
    reply.text = 'Authenticated'
  } else if (answer.status === Status.CONTINUE) {
    session.exchange = answer.exchange
    reply.text = answer.challenge
  } else {
    context.counters.count(Counter.auth_errors)
  }
}

/** A copy: the window of the message is reused. */
const messageOf = (context: Context, request: Request): Uint8Array =>
  Uint8Array.from(context.arena.bytes.subarray(request.valueStart, request.valueEnd))
