/** The requests of workers to the store. */
export interface Mix {
  readonly name: string
  readonly setPercent: number
  readonly keyCount: number
}

export const MIXES: readonly Mix[] = [
  { name: 'nine gets, one set', setPercent: 10, keyCount: 10_000 },
  { name: 'sets', setPercent: 100, keyCount: 10_000 },
  { name: 'one key, gets', setPercent: 0, keyCount: 1 },
]

export const KEY_LENGTH = 16
export const VALUE_LENGTH = 100

export const keyAt = (index: number): string => `key:${`${index}`.padStart(KEY_LENGTH - 4, '0')}`
