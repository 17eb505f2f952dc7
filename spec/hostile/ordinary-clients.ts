import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection } from '../support/connection.js'
import { pattern } from '../support/pattern.js'
import type { ServerProcess } from '../support/server.js'
import { line } from '../support/text-replies.js'

/** Lengths around all bounds: copied, in a window, staged, deferred. */
const VALUE_LENGTHS = [0, 10, 1000, 5000, 17_000, 40_000, 200_000]
const VALUES = VALUE_LENGTHS.map((length) => pattern(length))
const LATE_MS = 100

/** What well-behaved clients request. Each request comes in two packets. */
export class OrdinaryClients {
  requestCount = 0
  /** Requests that took longer than they should, and the longest of them. */
  lateCount = 0
  msMax = 0
  readonly failures: string[] = []

  /** This many clients send this many requests each, all at once. */
  async run(server: ServerProcess, clientCount: number, requestsEach: number): Promise<void> {
    const run = async (client: number) => {
      const connection = await server.connect()
      try {
        for (let turn = 0; turn < requestsEach / 2; turn++) await this.setAndGet(connection, client, turn)
      } catch (error) {
        this.failures.push(`client ${client}: ${(error as Error).message}`)
      } finally {
        connection.close()
      }
    }
    await Promise.all(Array.from({ length: clientCount }, (_, client) => run(client)))
  }

  private async setAndGet(connection: Connection, client: number, turn: number): Promise<void> {
    const value = VALUES[(client + turn) % VALUES.length]!
    const key = `ordinary${client}`
    const set = Buffer.concat([line(`set ${key} 0 0 ${value.length}`), value, line('')])
    await this.ask(connection, set, line('STORED'))
    const found = Buffer.concat([line(`VALUE ${key} 0 ${value.length}`), value, line(''), line('END')])
    await this.ask(connection, line(`get ${key}`), found)
  }

  private async ask(connection: Connection, request: Buffer, expected: Buffer): Promise<void> {
    const started = performance.now()
    const half = request.length >>> 1
    connection.send(request.subarray(0, half))
    await nextTurn()
    connection.send(request.subarray(half))
    const received = await connection.receive(expected.length)
    const ms = performance.now() - started
    this.requestCount++
    this.msMax = Math.max(this.msMax, ms)
    if (ms > LATE_MS) this.lateCount++
    if (!received.equals(expected))
      throw new Error(`asked ${request.toString('latin1', 0, 40)}, got ${received.toString('latin1', 0, 80)}`)
  }
}
