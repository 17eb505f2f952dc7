import { HttpError } from './http-error.js'
import { decodePercent } from './percent.js'

/** The parameters behind the `?` of a request. Refused with a sentence: those that the route does not know, and wrong values. */
export class Parameters {
  private readonly values = new Map<string, Buffer>()

  constructor(query: string, known: readonly string[]) {
    for (const pair of query.split('&').filter((each) => each !== '')) {
      const [name, value] = halvesOf(pair).map((half) => decodePercent(half.replaceAll('+', ' ')))
      if (name === undefined || value === undefined)
        throw new HttpError(
          400,
          `${pair.slice(0, SHOWN_LENGTH_MAX)}: % needs two hexadecimal digits behind it`,
        )
      this.add(name.toString(), value, known)
    }
  }

  private add(name: string, value: Buffer, known: readonly string[]): void {
    if (!known.includes(name)) {
      const others = known.length === 0 ? 'there are none here' : `there are ${known.join(', ')}`
      throw new HttpError(400, `${name.slice(0, SHOWN_LENGTH_MAX)}: no such parameter; ${others}`)
    }
    if (this.values.has(name)) throw new HttpError(400, `${name}: given more than once`)
    this.values.set(name, value)
  }

  bytes(name: string): Buffer | undefined {
    return this.values.get(name)
  }

  text(name: string): string | undefined {
    return this.values.get(name)?.toString()
  }

  integer(name: string, bounds: { min: number; max: number; default: number }): number {
    const text = this.text(name)
    return text === undefined ? bounds.default : integerIn(name, text, bounds)
  }

  /** `1`, `0`, or nothing behind the name, which is 1. */
  flag(name: string): boolean {
    const text = this.text(name) ?? '0'
    if (text !== '' && text !== '1' && text !== '0') throw new HttpError(400, `${name}: give 1 or 0`)
    return text !== '0'
  }
}

/** A number in a parameter or in a header. */
export function integerIn(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= min && value <= max))
    throw new HttpError(400, `${name}: give a number from ${min} to ${max}`)
  return value
}

function halvesOf(pair: string): [string, string] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}

const SHOWN_LENGTH_MAX = 64
