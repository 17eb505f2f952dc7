import { type Defect, defect } from './defect.js'

/** Defects of the feed, which only a consumer of the changes can notice. */
export const FEED_DEFECTS: readonly Defect[] = [
  defect(
    'the feed does not wait for the journal',
    'feed/history/journal-gate',
    'if (journal.isSafe(count))',
    'if (true)',
  ),
  defect(
    'the feed does not tell of evictions',
    'feed/history/change-writer',
    'this.publishItem(ChangeKind.EVICT, item);',
    '',
  ),
  defect(
    'items are listed without the changes made meanwhile',
    'feed/subscriptions/listing',
    'while (cursor.number < this.visitedNumber)',
    'while (false)',
  ),
  defect(
    'a position of an earlier server is resumed',
    'feed/feed',
    'const isOurs = position !== undefined && position.history === this.history.id;',
    'const isOurs = position !== undefined;',
  ),
  defect(
    'a change is told to a new subscriber again',
    'feed/history/change-reader',
    'number > cursor.number) {',
    'number >= cursor.number) {',
  ),
]
