/** The keys of a run: all of them begin with its prefix and the name of their check, and all are remembered, to be removed. */
export class Keys {
  readonly used = new Set<string>()
  private readonly prefix: string

  constructor(prefix: string) {
    this.prefix = prefix
  }

  /** One byte a character. With a length it is filled up to that. */
  key(check: string, name: string, length = 0): string {
    const key = `${this.prefix}${check}:${name}`.padEnd(length, '.')
    this.used.add(key)
    return key
  }
}

/** So that a key of 250 bytes has room for what tells it from others. */
export const PREFIX_LENGTH_MAX = 100
