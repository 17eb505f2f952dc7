import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { exchange, receiveFrame, statistics } from '../support/binary-client.js'
import { eventually } from '../support/eventually.js'
import { Op, request, statusOf, valueIn } from '../support/frames.js'
import { GET, live, openSetter, VALUE } from '../support/passing-lives.js'
import { type ServerProcess, startServer } from '../support/server.js'

const ROUND_SECONDS = 60
/** For all that memcaslap stores in a round: it takes an evicted value for a wrong one. */
const MEMORY_MEGABYTES = 2500
const LIVES_AT_ONCE = 50
const LIVES_PAUSE_MS = 100
const SLOW_READER_COUNT = 10
const SLOW_PAUSE_MS = 20
const GETS_AT_ONCE = 4
const NOT_FOUND = 0x01

/** What memcaslap does in a round: connections, and gets that it sends at once. */
const SHAPES: readonly (readonly [connectionCount: number, getCount: number])[] = [
  [50, 16],
  [50, 32],
  [500, 16],
  [50, 1],
  [1000, 16],
]

/**
 * Loads one server by memcaslap, which checks every twentieth value, until it has answered this many requests. Meanwhile others
 * connect, vanish, are reset, and read slowly. Throws at the first wrong value, and if anything of them is left in the end.
 */
export async function soakWire(requestCount: number): Promise<void> {
  if (spawnSync('memcaslap', ['-V']).error !== undefined)
    throw new Error('memcaslap is not installed (libmemcached-tools)')
  const server = await startServer({ options: ['-m', `${MEMORY_MEGABYTES}`, '-c', '4096'] })
  const setter = await openSetter(server.port)
  const filesBefore = fileCount(server)
  let isOver = false
  const others = Promise.all([
    ...Array.from({ length: SLOW_READER_COUNT }, () => readSlowly(server, () => isOver)),
    passBy(server, () => isOver),
  ])
  print('requests', 'RSS MB', 'connections')
  for (let round = 0; ; round++) {
    await Promise.race([load(server, SHAPES[round % SHAPES.length]!), others])
    const figures = await statistics(setter)
    const numberOf = (name: string) => Number(figures.get(name))
    const count = numberOf('cmd_get') + numberOf('cmd_set')
    print(count, Math.round(server.residentLength / MEGABYTE), numberOf('total_connections'))
    if (count >= requestCount) break
    await exchange(setter, request(Op.FLUSH))
  }
  isOver = true
  await others
  await eventually(filesBefore, async () => fileCount(server))
  setter.close()
  await server.stop()
}

const MEGABYTE = 1024 * 1024

function print(...cells: readonly (number | string)[]): void {
  console.log(cells.map((cell) => cell.toLocaleString('en').padStart(15)).join(''))
}

const fileCount = ({ pid }: ServerProcess): number => readdirSync(`/proc/${pid}/fd`).length

async function load(
  server: ServerProcess,
  [connectionCount, getCount]: (typeof SHAPES)[number],
): Promise<void> {
  const words = `-s 127.0.0.1:${server.port} -T 1 -c ${connectionCount} -d ${getCount} -w 1k -v 0.05 -B -t ${ROUND_SECONDS}s`
  const child = spawn('memcaslap', words.split(' '), { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (chunk) => {
    said += chunk
  })
  const [code] = await once(child, 'close')
  if (code !== 0 || !said.includes('verify_failed: 0')) throw new Error(`memcaslap:\n${said}`)
}

/** Other connections come and go. The long value is stored again each time: it is flushed with the rest. */
async function passBy(server: ServerProcess, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const setter = await openSetter(server.port)
    await live(server.port, LIVES_AT_ONCE)
    setter.close()
    await pause(LIVES_PAUSE_MS)
  }
}

/** Asks for long values, and takes them a little at a time. */
async function readSlowly(server: ServerProcess, isOver: () => boolean): Promise<void> {
  const requests = Buffer.concat(Array.from({ length: GETS_AT_ONCE }, () => GET))
  while (!isOver()) {
    const connection = await server.connect()
    connection.send(requests)
    for (let taken = 0; taken < GETS_AT_ONCE; taken++) {
      connection.pause()
      await pause(SLOW_PAUSE_MS)
      connection.resume()
      const reply = await receiveFrame(connection)
      if (statusOf(reply) !== NOT_FOUND && !valueIn(reply).equals(VALUE))
        throw new Error('a slow reader got a wrong value')
    }
    connection.close()
  }
}
