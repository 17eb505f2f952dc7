import type { Check } from '../check-row.js'
import { CAS } from './cas.js'
import { COUNTER } from './counter.js'
import { DELETE } from './delete.js'
import { EXPIRY } from './expiry.js'
import { GET } from './get.js'
import { DESTRUCTIVE, SESSION } from './session.js'
import { STORE } from './store.js'

export const TEXT_CHECKS: readonly Check[] = [
  ...SESSION,
  ...GET,
  ...STORE,
  ...CAS,
  ...DELETE,
  ...COUNTER,
  ...EXPIRY,
  ...DESTRUCTIVE,
]
