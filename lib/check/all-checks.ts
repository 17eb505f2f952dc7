import { BINARY_CHECKS } from './binary/binary-checks.js'
import type { Check } from './check-row.js'
import { META_CHECKS } from './meta/meta-checks.js'
import { TEXT_CHECKS } from './text/text-checks.js'

const ALL: readonly Check[] = [...BINARY_CHECKS, ...TEXT_CHECKS, ...META_CHECKS]

/** All checks, in order: those that delete the items of the others come last. */
export const CHECKS: readonly Check[] = [
  ...ALL.filter(({ terms }) => !terms.isDestructive),
  ...ALL.filter(({ terms }) => terms.isDestructive),
]
