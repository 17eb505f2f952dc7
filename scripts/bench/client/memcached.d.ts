/** The part of the memcached of npm that the bench uses: the package brings no types. */
declare module 'memcached' {
  type Callback<Result> = (error: Error | undefined, result: Result) => void

  class Memcached {
    constructor(server: string, options?: { timeout?: number })
    get(key: string, callback: Callback<unknown>): void
    getMulti(keys: readonly string[], callback: Callback<Record<string, unknown>>): void
    set(key: string, value: string, seconds: number, callback: Callback<boolean>): void
    end(): void
  }

  export = Memcached
}
