import { CONNECTION_DEFECTS } from './connections/connection-defects.js'
import type { Defect } from './defect.js'
import { DIRECTORY_DEFECTS } from './directory-defects.js'
import { FEED_DEFECTS } from './feed-defects.js'
import { JOURNAL_DEFECTS } from './journal-defects.js'
import { MENDED_DEFECTS } from './mended-defects.js'
import { STORE_DEFECTS } from './store-defects.js'
import { LOCK_DEFECTS } from './threads/lock-defects.js'

/** All defects that the simulation must find. */
export const DEFECTS: readonly Defect[] = [
  ...MENDED_DEFECTS,
  ...STORE_DEFECTS,
  ...JOURNAL_DEFECTS,
  ...DIRECTORY_DEFECTS,
  ...FEED_DEFECTS,
  ...CONNECTION_DEFECTS,
  ...LOCK_DEFECTS,
]
