/**
 * Defects that the simulation has to find: those that lib once had, and others like them. Each is a change of one place in a
 * compiled file of lib.
 */
export interface Defect {
  readonly name: string
  /** Of the compiled lib. */
  readonly file: string
  /** Occurs once in the file. */
  readonly from: string
  readonly to: string
}

export const defect = (name: string, file: string, from: string, to: string): Defect => ({
  name,
  file: `${file}.js`,
  from,
  to,
})

/** What has been mended in lib, in the order in which it was found. */
const MENDED: readonly Defect[] = [
  defect(
    'a summary counts long values twice',
    'journal/snapshot/snapshot',
    '= this.takenLengthOf(item) + INDEX_LENGTH_PER_ITEM',
    '= this.takenLengthOf(item) + valueLengthOf(words, item) + INDEX_LENGTH_PER_ITEM',
  ),
  defect(
    'items are left out though all fitted before',
    'journal/recovery/age-limit',
    'return length <= memoryLength ? undefined : new AgeLimit',
    'return new AgeLimit',
  ),
  defect(
    'an expiry is judged by the present time when it is replayed',
    'journal/recovery/restorer',
    'const shown = Math.min(time, this.present);',
    'const shown = this.present;',
  ),
  defect(
    'what expires makes no room while records are replayed',
    'journal/recovery/restorer',
    'this.isReapDue = true;',
    '',
  ),
  defect(
    'room in the lane is made before room in the index',
    'store/store',
    'return this.prepareIndex() && this.cleaning.roomForNew(this.lane, size);',
    'return this.cleaning.roomForNew(this.lane, size) && this.prepareIndex();',
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
    'old files go before the snapshot has its name on disk',
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
    'a journal brings back what a snapshot knows to be removed',
    'journal/recovery/recovery',
    'if (!restorer.hasSeen(chain.worker, chain.reader.record))\n',
    '\n',
  ),
  defect(
    'a header in two sectors, of which one is missing, is taken for damaged',
    'journal/recovery/frame-reader',
    'Math.min(next, offset + FRAME_HEADER_LENGTH, firstSector)',
    'Math.min(next, offset + FRAME_HEADER_LENGTH)',
  ),
  defect(
    'a journal of an older generation that ends early is taken for a torn tail',
    'journal/recovery/recovery',
    'if (cutOff !== undefined)',
    'if (false)',
  ),
]

const STORE: readonly Defect[] = [
  defect(
    'items live a second too long',
    'store/expiry',
    'expiry <= this.clock.now)',
    'expiry < this.clock.now)',
  ),
  defect('a flush spares the latest item', 'store/expiry', '<= boundary ? Life', '< boundary ? Life'),
  defect(
    'a delayed flush is a second late',
    'store/expiry',
    'time <= this.clock.now;',
    'time < this.clock.now;',
  ),
  defect(
    'a flush forgets that another one waits',
    'store/expiry',
    'Atomics.store(words, state + FLUSH_TIME, 0);',
    '',
  ),
  defect(
    'a value is overwritten though its flags need another layout',
    'store/store',
    'if ((flagsOf(words, item) & LAYOUT_FLAGS) !== layoutOf(draft))\n            return false;',
    '',
  ),
  defect(
    'an overwritten item keeps its old flags',
    'store/store',
    'setClientFlags(words, item, clientFlags);',
    ';',
  ),
  defect(
    'an overwritten item keeps its old expiry',
    'store/store',
    'if (expiry !== 0)\n            setExpiry(words, item, expiry);',
    '',
  ),
  defect(
    'a touch is not told',
    'store/store',
    'this.changes?.touched(item, this.nextVersion());\n        return true;',
    'return true;',
  ),
  defect(
    'a renewed counter is not told',
    'store/store',
    'versionLow(words, item));\n        this.changes?.stored(item);',
    'versionLow(words, item));',
  ),
  defect(
    'a delete that finds nothing is not told',
    'store/store',
    'this.changes?.removed(keyStart, keyLength, this.nextVersion());',
    'if (this.index.find(this.hash, keyStart, keyLength) !== MISSING) this.changes?.removed(keyStart, keyLength, this.nextVersion());',
  ),
  defect(
    'an item that replaces another leaves it alive',
    'store/store',
    'this.index.replaceAt(this.slot, item);\n            this.items.bury(locked);',
    'this.index.replaceAt(this.slot, item);',
  ),
  defect(
    'a touch does not note the earlier end of its segment',
    'store/store',
    'setExpiry(this.words, item, expiry);\n        this.segments.noteExpiry(this.segments.of(item), expiry);',
    'setExpiry(this.words, item, expiry);',
  ),
  defect(
    'room for a moved long item is forgotten when it fails',
    'store/items',
    'this.bury(this.cutBefore(copy, nextPieceOf(words, item)));',
    '',
  ),
  defect('a moved item keeps its piece in another place', 'store/items', 'setOwner(words, piece, copy);', ''),
  defect(
    'a moved item is not buried',
    'store/items',
    'this.settle(copy, item);\n        this.buryHere(item);\n        return copy;\n    }\n    relocateLong',
    'this.settle(copy, item);\n        return copy;\n    }\n    relocateLong',
  ),
  defect(
    'the rest of a shortened value is not dead',
    'store/items',
    'this.segments.bury(this.segments.of(item), slack);',
    '',
  ),
  defect(
    'an eviction is counted twice',
    'store/cleaning',
    'counters.count(Counter.evictions);',
    'counters.count(Counter.evictions); counters.count(Counter.evictions);',
  ),
  defect(
    'an item is evicted though dead bytes would do',
    'store/segments/eviction',
    'const WORTH_CLEANING = 1 / 16',
    'const WORTH_CLEANING = 2',
  ),
  defect('a discarded value stays', 'store/staging', 'this.staging.items.bury(this.item);', ''),
  defect('a staged value stays pinned', 'store/staging', 'this.staging.unpin(segments.of(piece));', ''),
  defect('values that arrive may fill all segments', 'store/staging', 'while (this.isFull)', 'while (false)'),
  defect('a version is given away twice', 'store/version', 'doubles[inStripe] = version;', ''),
  defect(
    'flushed items come back after a restart',
    'store/restoring',
    'this.parts.expiry.restore(boundary, dueTime);',
    'this.parts.expiry.restore(0, dueTime);',
  ),
]

const JOURNAL: readonly Defect[] = [
  defect(
    'a checksum is not compared',
    'journal/recovery/frame-reader',
    'return isSound ? length : NOT_SOUND;',
    'return length;',
  ),
  defect(
    'a linked value stays pinned',
    'journal/writing/journal',
    'parts.store.pins.unpin(start);',
    'void start;',
  ),
  defect(
    'a linked value is not pinned',
    'journal/writing/journal',
    'parts.store.pins.pin(start);',
    'parts.store.pins.pin(start); parts.store.pins.unpin(start);',
  ),
  defect(
    'a snapshot keeps what it pinned',
    'journal/snapshot/snapshot',
    'this.store.pins.unpinOnlooking(start);',
    'void start;',
  ),
  defect(
    'a record of a touch has no expiry',
    'journal/writing/journal',
    'version, keyStart, keyLength, time));',
    'version, keyStart, keyLength, 0));',
  ),
  defect(
    'a touch of an item that stays for ever is lost',
    'journal/recovery/restorer',
    'this.copyWithExpiry(keyStart, present, time);',
    'store.release();',
  ),
  defect(
    'a replayed touch ends what it lets stay for ever',
    'journal/recovery/restorer',
    'else if (time !== 0 && time <= store.clock.now) {',
    'else if (time <= store.clock.now) {',
  ),
  defect(
    'an older touch changes a newer item',
    'journal/recovery/restorer',
    'if (present === MISSING || versionOf(arena.words, present) > version)',
    'if (present === MISSING)',
  ),
  defect(
    'records are lost when the file is changed',
    'journal/writing/writer',
    'this.file = next.file;\n',
    'this.file = next.file;\n        this.filling.clear();\n',
  ),
  defect(
    'a retired file is not synced',
    'journal/writing/writer',
    'this.retired.push(this.file);',
    'this.file.retire();',
  ),
  defect(
    'replies do not wait for the sync',
    'journal/writing/writer',
    "return this.fsync === 'always' ? this.syncedCount : this.writtenCount;",
    'return this.writtenCount;',
  ),
  defect(
    'nothing is synced every second',
    'journal/writing/writer',
    "if (this.fsync === 'everysec')",
    'if (false)',
  ),
  defect(
    'a failed write counts as written',
    'journal/writing/writer',
    'else if (error)\n                    this.fail(error);\n                else\n                    this.written',
    'else\n                    this.written',
  ),
  defect(
    'a short write is taken for a whole one',
    'journal/writing/journal-file',
    'this.write(rest, done);',
    'done(null);',
  ),
  defect(
    'the end of a torn file stays',
    'journal/recovery/recovery',
    'files.truncate(pathIn(directory, name), offset);',
    ';',
  ),
  defect(
    'a snapshot does not wait for the journals',
    'journal/snapshot/snapshot',
    'await this.parts.syncJournals();',
    '',
  ),
  defect(
    'a snapshot gets its name before it is on disk',
    'journal/snapshot/snapshot',
    'await settled((done) => this.file.sync(done));\n        }\n        finally',
    '}\n        finally',
  ),
  defect(
    'a snapshot leaves the first bucket out',
    'journal/snapshot/snapshot',
    'for (let bucket = 0; bucket < index.bucketCount;) {',
    'for (let bucket = 1; bucket < index.bucketCount;) {',
  ),
  defect(
    'journals grow as far as their directory may, whatever the disk has',
    'journal/space/space',
    'Math.min(this.roomInDirectory(usage), this.roomOnDisk(usage))',
    'this.roomInDirectory(usage)',
  ),
  defect(
    'the spare is never given up',
    'journal/space/spare',
    'if (this.length === 0)\n            return false;',
    'return false;',
  ),
  defect(
    'nobody waits for room',
    'journal/writing/journal',
    'granted > 0 ? granted - length : Number.POSITIVE_INFINITY',
    'Number.POSITIVE_INFINITY',
  ),
  defect(
    'room is not shared out anew while a snapshot begins',
    'journal/keeper',
    'if (this.isClosing)\n                return;\n            // Also',
    'if (this.isClosing || this.running !== undefined)\n                return;\n            // Also',
  ),
  defect(
    'the directory has no bound',
    'journal/space/space',
    'return Math.max(room, bounds.grown - grown);',
    'return Number.POSITIVE_INFINITY;',
  ),
  defect(
    'whoever was refused waits by what was granted before',
    'journal/space/allowance',
    'if (!(this.isAsked || isAnew) ||',
    'if (!this.isAsked ||',
  ),
  defect(
    'a little room beside a snapshot is none, and a snapshot does not help',
    'journal/space/space',
    'room < this.bounds.roomMin && isInVain',
    'room < 0 && isInVain',
  ),
  defect(
    'each attempt at a snapshot begins new journals',
    'journal/keeper',
    'this.isGenerationOver ? this.generation + 1 : this.generation',
    'this.generation + 1',
  ),
  defect(
    'failing snapshots leave new journals every minute',
    'journal/keeper',
    'this.generation = generation;\n        this.isGenerationOver = false;',
    'this.generation = generation;',
  ),
  defect(
    'journals go with a snapshot that failed',
    'journal/keeper',
    'const figures = await Snapshot.take(parts);',
    'await this.removeBefore(generation); const figures = await Snapshot.take(parts);',
  ),
  defect(
    'versions begin anew after a restart',
    'journal/recovery/recovery',
    'store.restoring.raiseVersion(',
    'void (',
  ),
  defect(
    'the flags of an item are lost by a restart',
    'journal/recovery/restorer',
    'draft.clientFlags = record.clientFlags;',
    'draft.clientFlags = 0;',
  ),
  defect(
    'a flush that came due is forgotten by recovery',
    'journal/recovery/restorer',
    'if (this.dueTime !== 0 && this.dueTime <= now) {',
    'if (false) {',
  ),
  defect(
    'recovery carries a flush out again',
    'journal/recovery/restorer',
    'if (record.version >= this.dueVersion)\n                    this.dueTime = 0;',
    '',
  ),
  defect(
    'a journal that failed goes on acknowledging',
    'journal/writing/journal',
    '(this.isRefusing ? this.safeCountAtFailure : this.writer.safeCount)',
    'this.writer.appendedCount',
  ),
  defect('a flush is not noted by the other workers', 'journal/writing/journal', 'this.noteFlushes();', ''),
]

export const DEFECTS: readonly Defect[] = [...MENDED, ...STORE, ...JOURNAL]
