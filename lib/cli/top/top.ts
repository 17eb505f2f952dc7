/** `keepcached top`: what servers do at the moment. */
import { setTimeout as sleep } from 'node:timers/promises'
import { addressesOf, endpointOf } from '../arguments/endpoint.js'
import type { Io, Run } from '../arguments/sub-command.js'
import { ExitCode } from '../exit-codes.js'
import { Screen } from './screen.js'
import { asJson, asLine, asTable } from './show.js'
import { WatchedServer } from './watched-server.js'

export const top: Run = async (given, io) => {
  const intervalMs = given.number('interval', INTERVAL_MS, [100, 3_600_000])
  const count = given.number('count', Number.POSITIVE_INFINITY, [1, 1_000_000_000])
  const addresses = addressesOf(given, 'top')
  const servers = addresses.map((address) => {
    const endpoint = endpointOf(given, io.environment, address)
    const isBinary = given.has('binary') || (endpoint.credentials !== undefined && !given.has('text'))
    return new WatchedServer(endpoint, isBinary ? 'binary' : 'text')
  })
  const view = given.has('json')
    ? new Lines(io, asJson)
    : (openScreen(io, intervalMs) ?? new Lines(io, asLine))
  try {
    // Rates need two readings.
    await view.waitFor(askAll(servers))
    for (let round = 0; round < count && !view.isOver; round++) {
      await view.rest(intervalMs)
      if (view.isOver) break
      await view.waitFor(askAll(servers))
      if (view.isOver) break
      await view.show(servers)
    }
  } finally {
    await view.close()
    await Promise.all(servers.map((server) => server.close()))
  }
  return ExitCode.OK
}

const askAll = (servers: readonly WatchedServer[]): Promise<unknown> =>
  Promise.all(servers.map((server) => server.ask()))

interface View {
  readonly isOver: boolean
  rest(ms: number): Promise<void>
  /** Until all servers have answered, or for as long as the view can wait for them. */
  waitFor(answers: Promise<unknown>): Promise<void>
  show(servers: readonly WatchedServer[]): Promise<void>
  close(): Promise<void>
}

/** Has a line for each server and look, so it waits for all of them. Ends by a signal, like other tools. */
class Lines implements View {
  readonly isOver = false
  private readonly io: Io
  private readonly line: typeof asLine

  constructor(io: Io, line: typeof asLine) {
    this.io = io
    this.line = line
  }

  async rest(ms: number): Promise<void> {
    await sleep(ms)
  }

  async waitFor(answers: Promise<unknown>): Promise<void> {
    await answers
  }

  async show(servers: readonly WatchedServer[]): Promise<void> {
    const now = new Date()
    await this.io.write(servers.map((server) => `${this.line(server, now)}\n`).join(''))
  }

  async close(): Promise<void> {}
}

function openScreen(io: Io, intervalMs: number): View | undefined {
  const { terminal } = io
  if (terminal === undefined) return undefined
  const screen = new Screen(io, terminal)
  return {
    get isOver() {
      return screen.isOver
    },
    rest: (ms) => screen.rest(ms),
    // A silent server must not hold the others up: the next look has its answer.
    waitFor: (answers) => Promise.race([answers.then(() => undefined), screen.rest(ANSWER_MS)]),
    show: (servers) => {
      const time = new Date().toTimeString().slice(0, 8)
      return screen.draw(asTable(servers, `${time}  every ${intervalMs / 1000} s, q ends`, terminal))
    },
    close: () => screen.close(),
  }
}

const INTERVAL_MS = 1000
/** Far servers have answered by then. */
const ANSWER_MS = 300
