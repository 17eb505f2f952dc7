import type { Fsync } from '../../journal/writing/fsync.js'
import { integer, size } from '../kinds/number-kinds.js'
import { choice, flag, orNone, PATH_LENGTH_MAX, text } from '../kinds/option-kinds.js'
import type { OptionTable } from './option-row.js'

/** How items survive the end of the server. */
export interface DataOptions {
  /** The directory that keeps items; null for none. The server needs the directory for itself. */
  readonly dataDirectory: string | null
  /** When a change is on disk: before its reply is sent, within a second or so, or when the system writes it. */
  readonly fsync: Fsync
  /** Seconds between snapshots; 0: only when the journal has grown. */
  readonly snapshotInterval: number
  /** No journal: changes since the last snapshot are lost unless the server ends cleanly. */
  readonly snapshotOnly: boolean
  /** memcached's name for it: items are kept in a directory beside this file. */
  readonly memoryFile: string | null
  /** The maximum that the latest changes take, for subscribers, in bytes; null: changes are not recorded. */
  readonly changes: number | null
}

const CHANGES_LENGTH_MIN = 64 * 1024
const CHANGES_LENGTH_MAX = 1024 * 1024 * 1024

export const DATA_OPTIONS: OptionTable<DataOptions> = {
  dataDirectory: {
    longName: 'data',
    kind: text('<dir>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'directory that keeps the items, so that they survive a restart or a crash',
  },
  fsync: {
    longName: 'fsync',
    kind: choice('a way to sync', 'always', 'everysec', 'no'),
    default: 'everysec',
    help: 'when a change is on disk: always (before its reply), everysec (within a second or two), no (when the system writes it)',
  },
  snapshotInterval: {
    longName: 'snapshot-interval',
    kind: integer('a number of seconds', { min: 0, unit: 'seconds' }),
    default: 900,
    help: 'seconds between snapshots; 0: only when the journal has grown',
  },
  snapshotOnly: {
    longName: 'snapshot-only',
    kind: flag(true),
    default: false,
    help: 'keep snapshots and no journal: a crash loses what has changed since the last one',
  },
  memoryFile: {
    letter: 'e',
    longName: 'memory-file',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'keep the items in <file>.data, as --data does',
    settings: ['memory_file'],
    settingText: (file) => file ?? '(null)',
  },
  changes: {
    longName: 'changes',
    kind: orNone(size('a size', CHANGES_LENGTH_MIN, CHANGES_LENGTH_MAX)),
    default: null,
    help: 'record the latest changes, so that clients can follow them; about 100 bytes for each',
  },
}
