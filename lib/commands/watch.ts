import type { Reply } from '../request/reply.js'
import type { Request } from '../request/request.js'
import { Status } from '../request/status.js'
import { readChangeWords } from '../watch/change-words.js'
import { kindsOf } from '../watch/kinds.js'
import type { Context } from './context/context.js'

/** The connection will receive what other clients do. The words are the request's key. */
export function watch(context: Context, request: Request, reply: Reply): void {
  const { watchers } = context
  if (watchers === undefined || !context.options.watchEnabled) {
    reply.status = Status.UNAUTHENTICATED
    return
  }
  const text = context.arena.bytes.toString('latin1', request.keyStart, request.keyEnd)
  const words = text === '' ? [] : text.split(' ')
  if (words[0] === 'changes') {
    watchChanges(context, request, reply, words.slice(1))
    return
  }
  const kinds = kindsOf(words)
  if (kinds === 0 || !request.session.mayWatch) {
    reply.status = Status.INVALID_ARGUMENTS
  } else if (!watchers.admit()) {
    reply.status = Status.OUT_OF_MEMORY
  } else {
    request.session.watches = kinds
    reply.isLast = true
  }
}

/** `watch changes …`: the connection will receive the changes of the feed. */
function watchChanges({ feed }: Context, { session }: Request, reply: Reply, words: readonly string[]): void {
  const watched = readChangeWords(words)
  if (feed === undefined) {
    reply.status = Status.UNKNOWN_COMMAND
  } else if (watched === undefined || !session.mayWatch) {
    reply.status = Status.INVALID_ARGUMENTS
  } else if (!feed.maySubscribe) {
    reply.status = Status.OUT_OF_MEMORY
  } else {
    session.watchedChanges = watched
    reply.isLast = true
  }
}
