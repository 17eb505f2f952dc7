import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOAD_CORE, startProcess } from '../support/processes.js'
import { freePort, HOST } from '../support/server.js'

const PATIENCE_MS = 10_000
const POLL_MS = 20

/** Starts the engine, which keeps nothing on disk, on the core of the load. Resolves to its address. */
export async function startEngine(program: string): Promise<string> {
  const port = await freePort()
  const words = ['--port', `${port}`, '--bind', HOST, '--save', '', '--appendonly', 'no', '--daemonize', 'no']
  startProcess([program, ...words], LOAD_CORE)
  const deadline = performance.now() + PATIENCE_MS
  while (!(await answers(port))) {
    if (performance.now() > deadline) throw new Error(`${program} does not start`)
    await sleep(POLL_MS)
  }
  return `redis://${HOST}:${port}`
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, HOST)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
