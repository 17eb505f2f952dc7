import { Counter } from '../metrics/counters.js'
import { MECHANISM_LENGTH_MAX } from '../request/limits.js'
import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import type { SaslAnswer } from '../request/session.js'
import { Status } from '../request/status.js'
import type { LocalEngine } from './local-engine.js'

/** Does nothing, but in its turn: whoever sees its reply knows that all requests before it are done. */
export function noop(): void {}

export function version(engine: LocalEngine, _request: Request, reply: Reply): void {
  reply.text = engine.surroundings.memcachedVersion
}

export function quit(_engine: LocalEngine, _request: Request, reply: Reply): void {
  reply.isLast = true
}

export function unknown(_engine: LocalEngine, _request: Request, reply: Reply): void {
  reply.status = Status.UNKNOWN_COMMAND
}

export function saslMechanisms(engine: LocalEngine, _request: Request, reply: Reply): void {
  if (engine.authenticator === undefined) reply.status = Status.UNKNOWN_COMMAND
  else reply.text = engine.authenticator.mechanisms
}

/** Begins to log in. Whoever was logged in is not any more, until this attempt succeeds. */
export function saslStart(engine: LocalEngine, request: Request, reply: Reply): void {
  const { authenticator, counters } = engine
  if (authenticator === undefined) {
    reply.status = Status.UNKNOWN_COMMAND
    return
  }
  if (request.keyEnd - request.keyStart > MECHANISM_LENGTH_MAX) {
    reply.status = Status.INVALID_ARGUMENTS
    return
  }
  counters.count(Counter.auth_cmds)
  const mechanism = engine.arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
  settle(engine, request, reply, authenticator.start(mechanism, messageOf(engine, request)))
}

/** Goes on with what `saslStart` began. */
export function saslStep(engine: LocalEngine, request: Request, reply: Reply): void {
  if (engine.authenticator === undefined) {
    reply.status = Status.UNKNOWN_COMMAND
    return
  }
  const { exchange } = request.session
  engine.counters.count(Counter.auth_cmds)
  const answer = exchange?.step(messageOf(engine, request)) ?? { status: Status.UNAUTHENTICATED }
  settle(engine, request, reply, answer)
}

function settle(engine: LocalEngine, request: Request, reply: Reply, answer: SaslAnswer): void {
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
    engine.counters.count(Counter.auth_errors)
  }
}

/** A copy: the window that the message came in is used again. */
const messageOf = (engine: LocalEngine, request: Request): Uint8Array =>
  Uint8Array.from(engine.arena.bytes.subarray(request.valueStart, request.valueEnd))
