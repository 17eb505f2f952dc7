import type { Check } from '../check-row.js'
import { ARITHMETIC } from './arithmetic.js'
import { DELETE } from './delete.js'
import { GET } from './get.js'
import { KEYS } from './keys.js'
import { RECACHE } from './recache.js'
import { SESSION } from './session.js'
import { SET } from './set.js'

export const META_CHECKS: readonly Check[] = [
  ...SESSION,
  ...GET,
  ...RECACHE,
  ...KEYS,
  ...SET,
  ...DELETE,
  ...ARITHMETIC,
]
