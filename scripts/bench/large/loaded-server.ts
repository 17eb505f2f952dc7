import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from '../support/processes.js'
import { Server, type ServerNeeds } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import type { Tasks } from './load.js'

const LOAD = fileURLToPath(new URL('./load.js', import.meta.url))

/** A server, and the process that loads it. */
export class LoadedServer {
  readonly server: Server
  private readonly load: ChildProcess

  private constructor(server: Server, load: ChildProcess) {
    this.server = server
    this.load = load
  }

  static async start(kind: ServerKind, needs: ServerNeeds): Promise<LoadedServer> {
    const server = await Server.start(kind, needs)
    const load = startProcess([process.execPath, LOAD, `${server.port}`, `${server.pid}`], LOAD_CORE)
    await nextMessage(load)
    return new LoadedServer(server, load)
  }

  async run<Name extends keyof Tasks>(
    name: Name,
    argument: number,
  ): Promise<Awaited<ReturnType<Tasks[Name]>>> {
    this.load.send([name, argument])
    return (await nextMessage(this.load)) as Awaited<ReturnType<Tasks[Name]>>
  }

  /** Without a clean end, as after a crash. */
  async kill(): Promise<void> {
    await stopProcess(this.load)
    process.kill(this.server.pid, 'SIGKILL')
    await this.server.stop()
  }
}
