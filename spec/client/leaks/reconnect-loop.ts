/**
 * Connects a client so many times, and prints as JSON what is left: reconnect-loop.js COUNT. A program of its own: whoever
 * counts memory has to be alone with it. The server is in here too, and ends each connection in another way.
 */
import { createHook } from 'node:async_hooks'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import { Client } from '../../../lib/client/index.js'

export interface Left {
  /** Connections that the client has made. */
  readonly connectionCount: number
  /** Sockets and timers that exist, and did not before there was a client; also those that keep no process alive. */
  readonly resources: Readonly<Record<string, number>>
  /** What keeps the process alive, of which the server's socket is one. */
  readonly active: readonly string[]
  /** By how many bytes memory has grown, after some connections that warm up. */
  readonly heapGrowth: number
  readonly bufferGrowth: number
}

const COUNTED: ReadonlySet<string> = new Set(['Timeout', 'PIPEWRAP', 'PIPECONNECTWRAP', 'TCPWRAP'])

/** Until then code is compiled. */
const WARM_UP_COUNT = 3000

const count = Number(process.argv[2])
const live = countResources()

let connectionIndex = 0
const ENDS: readonly ((socket: Socket) => void)[] = [
  (socket) => socket.end('END\r\n'),
  (socket) => {
    socket.write('END\r\n')
    setImmediate(() => socket.destroy())
  },
  (socket) => socket.destroy(),
  (socket) => socket.end('nonsense\r\n'),
]
const folder = mkdtempSync(join(tmpdir(), 'keepcached-leaks-'))
const path = join(folder, 'socket')
const server = createServer((socket) => {
  const end = ENDS[connectionIndex++ % ENDS.length]!
  socket.on('error', () => {}).once('data', () => end(socket))
})
server.listen(path)
await once(server, 'listening')
// Node opens it when it closes the first socket.
process.stderr.write('')
const before = new Map(live)

const client = new Client(path, { protocol: 'text', breaker: false, pool: { max: 1 } })
await connectUntil(WARM_UP_COUNT)
const usedBefore = await usedMemory()
await connectUntil(WARM_UP_COUNT + count)
const usedAfter = await usedMemory()
await client.close()
// The server's ends of the last sockets are closed a little later.
for (let turn = 0; turn < 100 && Object.keys(resourcesLeft()).length > 0; turn++) {
  await sleep(20)
  // The timer of the pause itself is gone a turn later.
  await nextTurn()
}

const left: Left = {
  connectionCount: connectionIndex,
  resources: resourcesLeft(),
  active: process.getActiveResourcesInfo(),
  heapGrowth: usedAfter.heapUsed - usedBefore.heapUsed,
  bufferGrowth: usedAfter.arrayBuffers - usedBefore.arrayBuffers,
}
server.close()
rmSync(folder, { recursive: true })
process.stdout.write(`${JSON.stringify(left)}\n`)

async function connectUntil(end: number): Promise<void> {
  while (connectionIndex < end) {
    // Half of the connections end before or in place of a reply.
    await client.get('key').catch(() => {})
  }
}

function resourcesLeft(): Record<string, number> {
  const changes = [...live].map(([type, number]) => [type, number - (before.get(type) ?? 0)] as const)
  return Object.fromEntries(changes.filter(([, change]) => change !== 0))
}

async function usedMemory(): Promise<NodeJS.MemoryUsage> {
  for (let turn = 0; turn < 5; turn++) {
    await sleep(10)
    globalThis.gc!()
  }
  return process.memoryUsage()
}

/** How many sockets and timers there are, by their type. */
function countResources(): Map<string, number> {
  const counts = new Map<string, number>()
  const types = new Map<number, string>()
  const change = (type: string, by: number) => counts.set(type, (counts.get(type) ?? 0) + by)
  createHook({
    init(id, type) {
      if (!COUNTED.has(type)) return
      types.set(id, type)
      change(type, 1)
    },
    destroy(id) {
      const type = types.get(id)
      if (type === undefined) return
      types.delete(id)
      change(type, -1)
    },
  }).enable()
  return counts
}
