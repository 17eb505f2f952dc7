import type { Check } from '../check-row.js'

export const TEXT_CHECKS: readonly Check[] = []
