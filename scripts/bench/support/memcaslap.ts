import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { Run } from '../wire/generator.js'
import { Client } from './client.js'
import { LOAD_CORE, startProcess } from './processes.js'
import { HOST, Server } from './server.js'
import type { ServerKind } from './server-kinds.js'
import { cpuSeconds } from './usage.js'

/** Whether the load generator in C is installed (libmemcached-tools). */
export const HAS_MEMCASLAP = spawnSync('memcaslap', ['-V']).error === undefined

const WARM_UP_SECONDS = 1

/** One run of a new server under memcaslap. The server itself counts the requests. */
export async function runMemcaslap(kind: ServerKind, connectionCount: number, seconds: number): Promise<Run> {
  const server = await Server.start(kind, { memoryMegabytes: 512, connectionCount })
  try {
    await load(server.port, connectionCount, WARM_UP_SECONDS)
    const requestsBefore = await requestCount(server.port)
    const cpuBefore = cpuSeconds(server.pid)
    const start = performance.now()
    await load(server.port, connectionCount, seconds)
    const elapsed = (performance.now() - start) / 1000
    const serverCpuSeconds = cpuSeconds(server.pid) - cpuBefore
    return {
      requestCount: (await requestCount(server.port)) - requestsBefore,
      seconds: elapsed,
      serverCpuSeconds,
    }
  } finally {
    await server.stop()
  }
}

/** Nine gets to a set, binary protocol, values of 1 KiB, one request in flight on each connection; in whole seconds. */
async function load(port: number, connectionCount: number, seconds: number): Promise<void> {
  const given = {
    '-s': `${HOST}:${port}`,
    '-T': 1,
    '-c': connectionCount,
    '-t': `${Math.ceil(seconds)}s`,
    '-w': '1k',
  }
  const command = ['memcaslap', ...Object.entries(given).flat().map(String), '-B']
  await once(startProcess(command, LOAD_CORE), 'exit')
}

async function requestCount(port: number): Promise<number> {
  const client = await Client.connect(port)
  try {
    return (await client.statistic('cmd_get')) + (await client.statistic('cmd_set'))
  } finally {
    client.close()
  }
}
