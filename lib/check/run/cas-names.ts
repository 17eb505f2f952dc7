/** A name for every cas but 0; any other name stands for one value, and two names for two values. */
export const ANY_CAS = 'any'

/** The values behind the cas names of a check: the server chooses them. */
export class CasNames {
  private readonly values = new Map<string, bigint>()

  valueOf(name: string): bigint {
    const value = this.values.get(name)
    if (value === undefined) throw new Error(`no reply has returned the cas '${name}'`)
    return value
  }

  /** Whether a received cas fits this name. A new name is learned. */
  accepts(name: string, received: bigint): boolean {
    if (received === 0n) return false
    if (name === ANY_CAS) return true
    const known = this.values.get(name)
    if (known !== undefined) return known === received
    if ([...this.values.values()].includes(received)) return false
    this.values.set(name, received)
    return true
  }
}
