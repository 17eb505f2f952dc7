import { receiveFrame } from '../support/binary-client.js'
import type { Connection } from '../support/connection.js'
import {
  casOf,
  counterExtras,
  itemExtras,
  Op,
  opcodeOf,
  request,
  statusOf,
  uint32,
  valueIn,
} from '../support/frames.js'

export interface Answer {
  readonly status: number
  readonly value: Buffer
  readonly cas: bigint
}

/** A binary client with a method for each command that the hammer uses. It awaits every reply before the next request. */
export class Client {
  private readonly connection: Connection

  constructor(connection: Connection) {
    this.connection = connection
  }

  get(key: string): Promise<Answer> {
    return this.ask(request(Op.GET, { key }))
  }

  set(key: string, value: Buffer, { cas = 0n, expiry = 0 } = {}): Promise<Answer> {
    return this.ask(request(Op.SET, { key, value, cas, extras: itemExtras(0, expiry) }))
  }

  append(key: string, value: string): Promise<Answer> {
    return this.ask(request(Op.APPEND, { key, value }))
  }

  prepend(key: string, value: string): Promise<Answer> {
    return this.ask(request(Op.PREPEND, { key, value }))
  }

  remove(key: string): Promise<Answer> {
    return this.ask(request(Op.DELETE, { key }))
  }

  touch(key: string, expiry: number): Promise<Answer> {
    return this.ask(request(Op.TOUCH, { key, extras: uint32(expiry) }))
  }

  flush(): Promise<Answer> {
    return this.ask(request(Op.FLUSH))
  }

  /** The value in the reply is the new number. */
  increment(key: string, delta: bigint): Promise<Answer> {
    return this.ask(request(Op.INCREMENT, { key, extras: counterExtras(delta, 0n, 0) }))
  }

  /** Quiet sets, one after the other; errors would be sent before the last reply. */
  async setAll(entries: readonly (readonly [key: string, value: Buffer])[]): Promise<number> {
    const sets = entries.map(([key, value]) => request(Op.SETQ, { key, value, extras: itemExtras() }))
    return (await this.ask(Buffer.concat([...sets, request(Op.NOOP)]))).status
  }

  /** How many of these keys there are. */
  async countOf(keys: readonly string[]): Promise<number> {
    let count = 0
    for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
      const gets = keys.slice(start, start + KEYS_AT_ONCE).map((key) => request(Op.GETQ, { key }))
      this.connection.send(Buffer.concat([...gets, request(Op.NOOP)]))
      while (opcodeOf(await receiveFrame(this.connection)) !== Op.NOOP) count++
    }
    return count
  }

  close(): void {
    this.connection.close()
  }

  private async ask(bytes: Buffer): Promise<Answer> {
    this.connection.send(bytes)
    const frame = await receiveFrame(this.connection)
    return { status: statusOf(frame), value: valueIn(frame), cas: casOf(frame) }
  }
}

const KEYS_AT_ONCE = 500
