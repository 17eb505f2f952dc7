/** The keys of a run: all begin with its prefix and the name of their check, and are recorded, to be deleted at the end. */
export class Keys {
  readonly used = new Set<string>()
  private readonly prefix: string

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** One byte per character. With a length it is filled up to that. */
  key(check: string, name: string, length = 0): string {
    const key = `${this.prefix}${check}:${name}`.padEnd(length, '.')
    this.used.add(key)
    return key
  }
}

/** A limit, so that a key of 250 bytes has room for its unique part. */
export const PREFIX_LENGTH_MAX = 100
