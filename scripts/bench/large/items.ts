import type { ItemAt } from '../support/filler.js'

export const KEY_LENGTH = 32
export const VALUE_LENGTH = 200
export const KEY_FILLER = 'k'

/** The n-th item: its number at the end of the key. */
export const itemAt: ItemAt = (index) => ({
  key: `${index}`.padStart(KEY_LENGTH, KEY_FILLER),
  valueLength: VALUE_LENGTH,
})
