import type { Check } from '../check-row.js'

export const META_CHECKS: readonly Check[] = []
