import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { requestFrame } from '../support/frames.js'
import { HOST, Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import { openFilesMax, residentBytes } from '../support/usage.js'
import { openConnections } from './exchange.js'
import { IDLE_SCENARIO, MEMORY_MEGABYTES } from './scenarios.js'

/** Other open files of the bench and of the server. */
const OTHER_FILES_COUNT = 200
/** The first connections load the code for connections: they are opened before the count begins. */
const FIRST_COUNT = 100
const SETTLE_MS = 1_000
const REPLY_MS_MAX = 5_000

/** As many connections as the scenario asks for, or this process may have. */
export function idleConnectionCount(): number {
  return Math.min(IDLE_SCENARIO.connectionCountMax, openFilesMax() - OTHER_FILES_COUNT)
}

/** The resident memory of a connection after one request, in bytes. */
export async function idleConnectionBytes(kind: ServerKind): Promise<number> {
  const count = idleConnectionCount()
  const server = await Server.start(kind, {
    memoryMegabytes: MEMORY_MEGABYTES,
    connectionCount: FIRST_COUNT + count,
  })
  const first = await openConnections(FIRST_COUNT, () => askOnce(server.port))
  await sleep(SETTLE_MS)
  const before = residentBytes(server.pid)
  const idle = await openConnections(count, () => askOnce(server.port))
  await sleep(SETTLE_MS)
  const after = residentBytes(server.pid)
  for (const socket of [...first, ...idle]) socket.destroy()
  await server.stop()
  return (after - before) / count
}

const NOOP = requestFrame('noop', {})

async function askOnce(port: number): Promise<Socket> {
  const socket = connect(port, HOST)
  socket.write(NOOP)
  await once(socket, 'data', { signal: AbortSignal.timeout(REPLY_MS_MAX) })
  return socket
}
