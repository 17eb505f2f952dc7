import { positive } from '../support/program.js'

/** How much is measured. */
export interface Extent {
  readonly pairCount: number
  readonly seconds: number
}

/** From the options --pairs and --seconds. Throws a sentence for the user if one of them is invalid. */
export function extentOf({ pairs, seconds }: { pairs: string; seconds: string }): Extent {
  const pairCount = positive('--pairs', pairs)
  if (!Number.isInteger(pairCount)) throw new Error('--pairs takes a whole number')
  return { pairCount, seconds: positive('--seconds', seconds) }
}
