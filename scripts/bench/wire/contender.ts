import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Run } from './generator.js'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from './processes.js'
import type { Scenario } from './scenarios.js'
import { Server, type ServerKind } from './server.js'

const LOAD = fileURLToPath(new URL('./load.js', import.meta.url))

/** A server and the process that loads it. */
export class Contender {
  readonly server: Server
  private readonly load: ChildProcess

  private constructor(server: Server, load: ChildProcess) {
    this.server = server
    this.load = load
  }

  /** A fresh server for every scenario: no row of the table depends on the rows before it. */
  static async start(kind: ServerKind, { name, connectionCount }: Scenario): Promise<Contender> {
    const server = await Server.start(kind, connectionCount)
    const load = startProcess([process.execPath, LOAD, name, `${server.port}`, `${server.pid}`], LOAD_CORE)
    await nextMessage(load)
    return new Contender(server, load)
  }

  async run(seconds: number): Promise<Run> {
    this.load.send(seconds)
    return (await nextMessage(this.load)) as Run
  }

  async stop(): Promise<void> {
    // The other way round, the load would complain that its connections were closed.
    await stopProcess(this.load)
    await this.server.stop()
  }
}
