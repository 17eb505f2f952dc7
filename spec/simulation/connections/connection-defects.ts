import { type Defect, defect } from '../defect.js'

/** Defects of connections and of their traffic. No other part of the simulation would find most of them. */
export const CONNECTION_DEFECTS: readonly Defect[] = [
  defect(
    'a reply is sent before its record is written',
    'server/connection/output/outbox',
    'else if (commits.mustHold(this)) {',
    'else if (false) {',
  ),
  defect(
    'a reply overtakes one that is held',
    'server/connection/output/group-commit',
    'journal !== undefined && (isHeld || !journal.isSafe(changeCount))',
    'journal !== undefined && changeCount === journal.changeCount && !journal.isSafe(changeCount)',
  ),
  defect(
    'replies are sent though the journal has failed',
    'server/connection/output/outbox',
    'if (!isSafe || this.group === undefined',
    'if (this.group === undefined',
  ),
  defect(
    'the end of an arriving value that is split is read as a request',
    'server/connection/input/long-value',
    'return this.value.missing === 0 && this.endLength === 0;',
    'return this.value.missing === 0;',
  ),
  defect(
    'of a value to be skipped only the first part is skipped',
    'server/connection/input/inbox',
    'this.skipLength -= skipped;',
    'this.skipLength = 0;',
  ),
  defect(
    'a value that a reset interrupts is stored',
    'server/connection/input/inbox',
    'this.value?.discard();',
    'this.value?.complete();',
  ),
  defect('an arriving request forgets its opaque', 'request/request', 'this.opaque = other.opaque;', ''),
  defect(
    'the outbox loses what the wire has not sent',
    'server/connection/output/outbox',
    'this.keepOutput();',
    'this.discardOutput();',
  ),
  defect(
    'what the wire has not sent is not pinned',
    'server/connection/output/outbox',
    'pending.pins.push(...this.takePins());',
    'this.unpin(this.takePins());',
  ),
  defect(
    'a window of several connections is freed with the first',
    'server/connection/output/outbox',
    'pool.share(window);',
    ';',
  ),
  defect(
    'a connection does not resume reading when the wire has sent all',
    'server/connection/connection',
    'this.closer.finish();\n        }\n        this.forwarding?.deliver();\n        this.goOnIfPaused();',
    'this.closer.finish();\n        }',
  ),
  defect(
    'a look at the next request decodes its key permanently',
    'server/connection/look-ahead',
    'arena.bytes.set(asTheyCame, start);',
    '',
  ),
  defect(
    'the error of a quiet command is swallowed',
    'protocol/binary/encode-reply',
    'return reply.status === (isGet ? Status.NOT_FOUND : Status.OK);',
    'return isGet ? reply.status === Status.NOT_FOUND : reply.status !== Status.TOO_LARGE;',
  ),
  defect(
    'an item that is overwritten stays stale',
    'store/items',
    'clearFlag(words, item, Flag.FETCHED | Flag.STALE | Flag.TOKEN_SENT);',
    'clearFlag(words, item, Flag.FETCHED);',
  ),
  defect(
    'the connection that needs a window is closed when none is left',
    'server/connection/free-window',
    'largest === undefined || largest.windowCount <= servedCount',
    'true',
  ),
  defect(
    'the connection that holds the fewest windows is closed',
    'server/connection/free-window',
    'one.windowCount > other.windowCount ||',
    'one.windowCount < other.windowCount ||',
  ),
  defect(
    'of connections with the same number of windows, the one that sent something last is closed',
    'server/connection/free-window',
    'one.lastTime < other.lastTime',
    'one.lastTime > other.lastTime',
  ),
  // Defects that lib once had.
  defect(
    'a reaper misses a value that arrived after it had expired',
    'store/staging/staging',
    'segments.noteExpiry(segments.of(this.item), expiryOf(arena.words, this.item));',
    '',
  ),
  defect(
    'a connection resumes while another is answered',
    'server/connection/connection',
    'if (this.worker.isAnswering)',
    'if (false)',
  ),
  defect(
    'an append with N finds its item evicted by its own copy',
    'commands/items/append',
    'if (mayVivify(request)) {\n            store.release();',
    'if (false) {\n            store.release();',
  ),
]
