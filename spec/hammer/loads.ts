import type { Load } from './hammer.js'

/** What the hammer does, and with how many megabytes. */
export const LOADS: readonly (readonly [title: string, memoryMegabytes: number, load: Load])[] = [
  [
    'with room for everything, while the index grows',
    64,
    { keyCount: 12, valueLengthMax: 1_000_000, keepsAll: true, grows: true, flushes: false },
  ],
  [
    'with far too little memory',
    8,
    { keyCount: 3000, valueLengthMax: 1_000_000, keepsAll: false, grows: false, flushes: false },
  ],
  [
    'with a flush now and then',
    64,
    { keyCount: 12, valueLengthMax: 100_000, keepsAll: false, grows: false, flushes: true },
  ],
]
