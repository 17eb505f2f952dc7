import { Command } from '../../request/command.js'
import { STORING } from '../../request/command-groups.js'
import { Status } from '../../request/status.js'
import type { ReplyMessage } from './reply-message.js'
import type { RequestMessage } from './request-message.js'

/**
 * Whether a connection is still in step after an error: whether the next bytes that arrive begin the reply to the next
 * request. True for errors before anything was sent, and for errors that the server has sent as a reply. False for all
 * others, known or not: a call without its reply (`TIMEOUT`), bytes that are no reply (`PROTOCOL`), errors of the socket.
 */
export function mayKeep(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return false
  return CODES_IN_STEP.has(error.code)
}

/** The codes of RequestError, and of the errors of `keepcached/client`. */
const CODES_IN_STEP: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'BAD_KEY',
  'BAD_VALUE',
  'BAD_TTL',
  'BAD_OPTION',
  'BREAKER_OPEN',
  'QUEUE_FULL',
  'SERVER',
  'TOO_LARGE',
  'NOT_A_NUMBER',
  'PARTIAL',
])

/**
 * Whether the server has read no more and no less than the request that it replies to. In text and meta, a server that
 * refuses the line of a store may read the value behind it as commands; their replies would reach other requests.
 */
export function isInStep({ command, verb }: RequestMessage, reply: ReplyMessage): boolean {
  if (reply.opcode >= 0 || !REFUSALS.has(reply.status)) return true
  return command === Command.META_GET ? verb !== 'ms' : !STORING.has(command)
}

const REFUSALS: ReadonlySet<Status> = new Set([
  Status.INVALID_ARGUMENTS,
  Status.UNKNOWN_COMMAND,
  Status.BAD_DATA,
  Status.UNAUTHENTICATED,
])
