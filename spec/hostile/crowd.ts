import type { Connection } from '../support/connection.js'
import { line } from '../support/text-replies.js'

/** What each of many clients does to take resources that others need. */
export interface Hostility {
  readonly name: string
  /** Sent once, by the client with this number. Long pieces are the same for all clients. */
  request(number: number): readonly Buffer[]
}

const MEGABYTE = 1024 * 1024
export const LONG_VALUE_COUNT = 30
export const LONG_VALUE_LENGTH = MEGABYTE - 1000
/** So many replies do not fit into the buffers of a socket. */
const REPLY_COUNT = 12

const HALF_VALUE = Buffer.alloc(9000, 'h')
const HALF_LONG_VALUE = Buffer.alloc(500_000, 'h')
const ENDLESS_LINE = Buffer.from(`get ${'key '.repeat(20_000)}`)

/** Each attacks a shared resource: see the table of fairness in lib/server/README.md. */
export const HOSTILITIES: readonly Hostility[] = [
  { name: 'say nothing', request: () => [] },
  {
    name: 'send half of a short request',
    request: (number) => [Buffer.from(`set short${number} 0 0 9\r\nabc`)],
  },
  {
    name: 'send half of a long value',
    request: (number) => [line(`set half${number} 0 0 17000`), HALF_VALUE],
  },
  {
    name: 'send half of a very long value',
    request: (number) => [line(`set half${number} 0 0 1000000`), HALF_LONG_VALUE],
  },
  {
    name: 'send a line of keys that does not end',
    request: () => [ENDLESS_LINE],
  },
  {
    name: 'ask for long values and do not read',
    request: (number) => [
      Buffer.concat(repeat((index) => line(`get long${(number + index) % LONG_VALUE_COUNT}`))),
    ],
  },
  {
    name: 'ask for all keys and do not read',
    request: () => [Buffer.concat(repeat(() => line('lru_crawler metadump all')))],
  },
  {
    name: 'ask for statistics and do not read',
    request: () => [Buffer.concat(repeat(() => line('stats detail dump')))],
  },
  { name: 'subscribe to changes and do not read', request: () => [line('watch changes initial')] },
  { name: 'watch and do not read', request: () => [line('watch fetchers mutations evictions connevents')] },
]

const repeat = (make: (index: number) => Buffer): Buffer[] =>
  Array.from({ length: REPLY_COUNT }, (_, index) => make(index))

/** Hostile clients, all connected at once. */
export class Crowd {
  private readonly connections: Connection[] = []

  /** Each of this many does one of these, in turn. */
  static async gather(
    server: { connect(): Promise<Connection> },
    hostilities: readonly Hostility[],
    count: number,
  ): Promise<Crowd> {
    const crowd = new Crowd()
    for (let number = 0; number < count; number++) {
      const connection = await server.connect()
      connection.pause()
      for (const piece of hostilities[number % hostilities.length]!.request(number)) connection.send(piece)
      crowd.connections.push(connection)
    }
    return crowd
  }

  disperse(): void {
    for (const connection of this.connections.splice(0)) connection.close()
  }
}
