import { BINARY_CHECKS } from './binary/binary-checks.js'
import type { Check } from './check-row.js'
import { META_CHECKS } from './meta/meta-checks.js'
import { TEXT_CHECKS } from './text/text-checks.js'

const ALL: readonly Check[] = [...BINARY_CHECKS, ...TEXT_CHECKS, ...META_CHECKS]

/** Every check there is, in the order in which they are played: last those that forget the items of the others. */
export const CHECKS: readonly Check[] = [
  ...ALL.filter(({ terms }) => !terms.isDestructive),
  ...ALL.filter(({ terms }) => terms.isDestructive),
]
