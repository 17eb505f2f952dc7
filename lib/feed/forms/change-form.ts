import type { Change } from '../change.js'

/** How changes are written as bytes, for subscribers that want those. */
export interface ChangeForm {
  readonly name: string
  /** Any change, as text that is sent in UTF-8. A change of one item has its fields in the order of `Change`. */
  text(change: Change): string
}
