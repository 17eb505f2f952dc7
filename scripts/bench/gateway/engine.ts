import { LOAD_CORE, startProcess } from '../support/processes.js'
import { freePort, HOST, untilListening } from '../support/server.js'

/** Starts the engine, which keeps nothing on disk, on the core of the load. Resolves to its address. */
export async function startEngine(program: string): Promise<string> {
  const port = await freePort()
  const words = ['--port', `${port}`, '--bind', HOST, '--save', '', '--appendonly', 'no', '--daemonize', 'no']
  const child = startProcess([program, ...words], LOAD_CORE)
  await untilListening(child, port, `${program} does not start`)
  return `redis://${HOST}:${port}`
}
