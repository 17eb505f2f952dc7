import { type Defect, defect } from './defect.js'

/** Defects that lib once had, in the order in which they were found. */
export const MENDED_DEFECTS: readonly Defect[] = [
  defect(
    'a summary counts long values twice',
    'journal/snapshot/snapshot',
    '= this.takenLengthOf(item) + INDEX_LENGTH_PER_ITEM',
    '= this.takenLengthOf(item) + valueLengthOf(words, item) + INDEX_LENGTH_PER_ITEM',
  ),
  defect(
    'items are left out although all fitted before',
    'journal/recovery/age-limit',
    'return length <= memoryLength ? undefined : new AgeLimit',
    'return new AgeLimit',
  ),
  defect(
    'an expiry is compared with the present time when it is replayed',
    'journal/recovery/restorer',
    'const shown = Math.min(time, this.present);',
    'const shown = this.present;',
  ),
  defect(
    'expired items make no room while records are replayed',
    'journal/recovery/restorer',
    'this.isReapDue = true;',
    '',
  ),
  defect(
    'room in the lane is made before room in the index',
    'store/memory-store',
    'return this.prepareIndex() && (this.segments.roomIn(lane) >= size || this.cleaning.roomForNew(lane, size));',
    'return (this.segments.roomIn(lane) >= size || this.cleaning.roomForNew(lane, size)) && this.prepareIndex();',
  ),
  defect(
    'the head of a torn record removes an older item',
    'journal/recovery/restorer',
    'if (isWhole(reader))\n            this.removeUpTo',
    'this.removeUpTo',
  ),
  defect(
    'recovered journals are not synced',
    'journal/recovery/recovery',
    'await settled((done) => file.sync(done));',
    '',
  ),
  defect(
    "old files are removed before the snapshot's name is on disk",
    'journal/recovery/recovery',
    'await files.syncDirectory(directory);',
    '',
  ),
  defect(
    'an empty first journal leaves a second generation without a snapshot',
    'journal/recovery/recovery',
    'nextGeneration: left.nextGeneration',
    'nextGeneration: contents.nextGeneration',
  ),
  defect(
    'a journal restores an item that was removed before the snapshot',
    'journal/recovery/recovery',
    'if (!restorer.hasSeen(chain.worker, chain.reader.record))\n',
    '\n',
  ),
  defect(
    'a header in two sectors, of which one is missing, counts as damaged',
    'journal/recovery/frame-reader',
    'this.isZero(Math.max(offset, sector - FRAME_HEADER_LENGTH), sector)',
    'false',
  ),
  defect(
    'a journal of an older generation that ends early counts as a torn tail',
    'journal/recovery/recovery',
    'if (cutOff !== undefined)',
    'if (false)',
  ),
  defect(
    'moved items keep the reserve for ever when segments were pinned while they were cleaned',
    'store/cleaning/cleaning',
    'if (!this.mayEvict)\n            return Outcome.STUCK;',
    'return Outcome.STUCK;',
  ),
  defect(
    'journals ask for room once after half of it is used',
    'journal/space/allowance',
    'Math.max(againLength, (room',
    'Math.max(0, (room',
  ),
]
