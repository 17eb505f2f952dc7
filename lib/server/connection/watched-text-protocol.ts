import type { Arena } from '../../arena/arena.js'
import type { Output } from '../../arena/output.js'
import { NEED_MORE, type Protocol } from '../../protocol/protocol.js'
import { text } from '../../protocol/text/text.js'
import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { NO_VERB } from '../../request/session.js'
import type { Events } from '../../watch/events.js'

/**
 * The text protocol, with each line reported to watchers. The line is copied first, because decoding may change its
 * bytes.
 */
export class WatchedTextProtocol implements Protocol {
  private readonly events: Events

  constructor(events: Events) {
    this.events = events
  }

  decodeRequest(arena: Arena, start: number, end: number, request: Request): number {
    const { session } = request
    const isNew = session.openVerb === NO_VERB
    if (isNew) this.events.prepareCommand(session.number, start, end)
    const next = text.decodeRequest(arena, start, end, request)
    if (isNew && next !== NEED_MORE) this.events.tellCommand()
    return next
  }

  encodeReply(arena: Arena, request: Request, reply: Reply, output: Output, linkFrom: number): void {
    text.encodeReply(arena, request, reply, output, linkFrom)
  }
}
