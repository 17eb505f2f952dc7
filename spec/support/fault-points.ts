/** Where and how faults.ts lets a thread die. */
import { Index } from '../../lib/store/index/index.js'
import { Items } from '../../lib/store/items.js'
import { Mutex } from '../../lib/store/lock/mutex.js'
import { RwLock } from '../../lib/store/lock/rw-lock.js'
import { MemoryStore } from '../../lib/store/memory-store.js'
import { Segments } from '../../lib/store/segments/segments.js'
import { Versions } from '../../lib/store/version.js'

type When = 'before' | 'after'

/** Where in the store a thread may die: before or after one of its steps. */
export const POINTS = {
  'with its lease on a stripe': [RwLock, 'read', 'after'],
  'with a stripe locked': [RwLock, 'write', 'after'],
  'about to unlock a stripe': [RwLock, 'endWrite', 'before'],
  'with the pool of segments locked': [Mutex, 'lock', 'after'],
  'about to unlock the pool': [Mutex, 'unlock', 'before'],
  'with a segment that no other worker knows': [Segments, 'take', 'after'],
  'about to sweep a segment': [Segments, 'beginSweep', 'after'],
  'in the middle of a sweep': [Items, 'relocate', 'after'],
  'with an item moved, but not in the index': [Index, 'replaceAt', 'before'],
  'with an item written, but not published': [MemoryStore, 'publish', 'before'],
  'with a version drawn': [Versions, 'next', 'after'],
  'with an old item not buried': [Items, 'bury', 'before'],
  'in the middle of a growing index': [Index, 'split', 'before'],
} as const satisfies Record<string, readonly [{ readonly prototype: object }, string, When]>

export const WAYS = {
  throw: () => {
    throw new Error('a fault made for a spec')
  },
  exit: () => process.exit(0),
  'run out of memory': () => {
    const hoard: unknown[] = []
    while (true) hoard.push(Array.from({ length: 1000 }, (_, index) => ({ index })))
  },
} as const satisfies Record<string, () => never>

export type Point = keyof typeof POINTS
export type Way = keyof typeof WAYS

export const faultKey = (way: Way, point: Point | 'at once'): string => `fault:${way}:${point}`
