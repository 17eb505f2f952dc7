import type { Context } from '../../commands/context/context.js'
import type { Request } from '../../request/request.js'
import { Trait } from '../../request/trait.js'
import { casBytes } from './item-format.js'

/** The cas that the item must have, as scripts read it: none, any, or one. */
export function wantedCas({ options }: Context, { traits, casHigh, casLow }: Request): string | Buffer {
  if ((traits & Trait.NAMES_CAS) === 0) return ''
  return options.casEnabled ? casBytes(casHigh, casLow) : '*'
}

/** The cas that the request gives the item. */
export const ownCas = ({ traits, ownCasHigh, ownCasLow }: Request): string | Buffer =>
  (traits & Trait.OWN_CAS) === 0 ? '' : casBytes(ownCasHigh, ownCasLow)
