/** The part of memjs that the specs use: the package brings no types. */
declare module 'memjs' {
  interface ClientOptions {
    username?: string
    password?: string
    retries?: number
    timeout?: number
    logger?: { log(...message: unknown[]): void }
  }

  interface Expiry {
    expires?: number
  }

  interface Counted {
    success: boolean
    value: number | null
  }

  class Client {
    static create(servers: string, options?: ClientOptions): Client
    get(key: string): Promise<{ value: Buffer | null; flags: Buffer | null }>
    set(key: string, value: string | Buffer, options: Expiry): Promise<boolean>
    add(key: string, value: string | Buffer, options: Expiry): Promise<boolean>
    replace(key: string, value: string | Buffer, options: Expiry): Promise<boolean>
    delete(key: string): Promise<boolean>
    increment(key: string, amount: number, options: Expiry & { initial?: number }): Promise<Counted>
    decrement(key: string, amount: number, options: Expiry & { initial?: number }): Promise<Counted>
    append(key: string, value: string): Promise<boolean>
    prepend(key: string, value: string): Promise<boolean>
    touch(key: string, expires: number): Promise<boolean>
    flush(): Promise<Record<string, boolean>>
    stats(callback: (error: Error | null, server: string, stats: Record<string, string>) => void): void
    resetStats(callback: (error: Error | null, server: string, stats: unknown) => void): void
    quit(): void
    close(): void
  }
}
