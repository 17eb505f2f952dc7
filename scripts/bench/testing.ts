/** What a test server costs: time from start to the first answer, and memory of each that is idle. `npm run bench -- testing` */
import { once } from 'node:events'
import net from 'node:net'
import { startTestServer } from '../../lib/testing/index.js'

const SERVER_COUNT = 100

async function ask(port: number): Promise<void> {
  const socket = net.connect({ host: '127.0.0.1', port, noDelay: true })
  socket.write('version\r\n')
  await once(socket, 'data')
  socket.destroy()
}

/** Until the first answer, in milliseconds. */
async function startOne(): Promise<{ ms: number; stop: () => Promise<void> }> {
  const start = performance.now()
  const server = await startTestServer()
  await ask(server.port)
  return { ms: performance.now() - start, stop: () => server.stop() }
}

function residentLength(): number {
  globalThis.gc?.()
  return process.memoryUsage.rss()
}

const show = (what: string, figure: string): void => console.log(what.padEnd(52), figure.padStart(10))

const first = await startOne()
await first.stop()
const before = residentLength()
const servers = []
for (let index = 0; index < SERVER_COUNT; index++) servers.push(await startOne())
const added = residentLength() - before
const times = servers.map(({ ms }) => ms).sort((one, other) => one - other)
show('first server of the process, to its first answer', `${first.ms.toFixed(1)} ms`)
show('a later one, median', `${times[SERVER_COUNT >> 1]!.toFixed(2)} ms`)
show('a later one, 95th percentile', `${times[Math.floor(SERVER_COUNT * 0.95)]!.toFixed(2)} ms`)
show('resident memory of each', `${(added / SERVER_COUNT / 1024 / 1024).toFixed(2)} MB`)
await Promise.all(servers.map(({ stop }) => stop()))
