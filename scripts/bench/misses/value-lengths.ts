import { VALUE_LENGTH_MAX } from '../support/request-writer.js'

/** The length of a key's value: the same each time. */
export type ValueLengths = (key: string) => number

export function fixed(length: number): ValueLengths {
  return () => length
}

/** Around `median`; a standard deviation of the logarithm of 1 puts two thirds between a third and three times of it. */
export function logNormal(median: number, deviation: number): ValueLengths {
  return (key) => {
    const radius = Math.sqrt(-2 * Math.log(1 - fractionOf(key, 1)))
    const normal = radius * Math.cos(2 * Math.PI * fractionOf(key, 2))
    return bounded(median * Math.exp(deviation * normal))
  }
}

/** As many between 100 and 200 bytes as between 1,000 and 2,000. */
export function logUniform(shortest: number, longest: number): ValueLengths {
  return (key) => bounded(shortest * (longest / shortest) ** fractionOf(key, 1))
}

/** `fixed:N` or `lognormal:MEDIAN,DEVIATION`, as on the command line. */
export function parseValueLengths(text: string): ValueLengths {
  const [, name, numbers] = text.match(/^(fixed|lognormal):([\d.,]+)$/) ?? []
  const [first, second] = (numbers ?? '').split(',').map(Number)
  if (name === 'fixed' && first !== undefined) return fixed(bounded(first))
  if (name === 'lognormal' && first !== undefined && second !== undefined) return logNormal(first, second)
  throw new Error('--size takes fixed:N or lognormal:MEDIAN,DEVIATION')
}

export function bounded(length: number): number {
  return Math.min(VALUE_LENGTH_MAX, Math.round(length))
}

/** From 0 up to, but not including, 1: FNV-1a, and the last steps of MurmurHash, which spread it. */
function fractionOf(key: string, salt: number): number {
  let hash = 0x811c9dc5 ^ salt
  for (let index = 0; index < key.length; index++) hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
