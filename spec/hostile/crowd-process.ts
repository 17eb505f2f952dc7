import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('./crowd-main.js', import.meta.url))

/** A crowd in a process of its own: its work is no part of the time that the requests of others take. */
export class CrowdProcess {
  private readonly child: ChildProcess

  private constructor(child: ChildProcess) {
    this.child = child
  }

  /** Clients of a server that listens at this path. They wait for `gather`. */
  static async start(path: string, hostility: string, count: number): Promise<CrowdProcess> {
    const child = fork(MAIN, [path, hostility, `${count}`])
    await once(child, 'message')
    return new CrowdProcess(child)
  }

  async gather(): Promise<void> {
    const gathered = once(this.child, 'message')
    this.child.send('begin')
    await gathered
  }

  async disperse(): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.disconnect()
    await ended
  }
}
