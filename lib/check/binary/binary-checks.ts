import type { Check } from '../check-row.js'
import { APPEND } from './append.js'
import { CAS } from './cas.js'
import { COUNTER } from './counter.js'
import { DELETE } from './delete.js'
import { DESTRUCTIVE } from './destructive.js'
import { EXPIRY } from './expiry.js'
import { GET } from './get.js'
import { MALFORMED } from './malformed.js'
import { SESSION } from './session.js'
import { STATISTICS } from './statistics.js'
import { STORE } from './store.js'
import { TOUCH } from './touch.js'

export const BINARY_CHECKS: readonly Check[] = [
  ...SESSION,
  ...GET,
  ...STORE,
  ...CAS,
  ...APPEND,
  ...DELETE,
  ...COUNTER,
  ...TOUCH,
  ...EXPIRY,
  ...STATISTICS,
  ...MALFORMED,
  ...DESTRUCTIVE,
]
