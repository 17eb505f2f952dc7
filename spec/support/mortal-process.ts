import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ListeningSocket } from '../../lib/journal/disk/disk-sockets.js'
import type { Files } from '../../lib/journal/disk/files.js'
import type { Processes } from '../../lib/journal/disk/processes.js'
import type { MemoryDisk } from './memory-disk.js'
import type { Random } from './random.js'

/**
 * A process with a disk that it shares with others. Its calls to the disk take a while, so that every order occurs in which
 * processes can make them, and it may be killed at each step: then it never continues, and its sockets are closed. It
 * sees no process but itself, as in a container.
 */
export class MortalProcess {
  readonly files: Files
  readonly processes: Processes
  isDead = false
  private readonly random: Random
  private readonly deathChance: number
  private readonly sockets: ListeningSocket[] = []

  constructor(disk: MemoryDisk, random: Random, pid: number, deathChance: number) {
    this.random = random
    this.deathChance = deathChance
    const self = { pid, begun: `${pid}` }
    this.processes = { self, begunOf: (other) => (other === pid ? self.begun : undefined) }
    this.files = Object.assign(Object.create(disk) as MemoryDisk, {
      writeText: (path: string, text: string) => disk.writeText(path, text),
      rename: (from: string, to: string) => this.step(() => disk.rename(from, to)),
      remove: (path: string) => this.step(() => disk.remove(path)),
      identityOf: (path: string) => this.step(() => disk.identityOf(path)),
      hold: (path: string) => this.step(() => disk.hold(path)),
      socketStateAt: (path: string) => this.step(() => disk.socketStateAt(path)),
      listen: (path: string) =>
        this.step(async () => {
          const socket = await disk.listen(path)
          if (socket !== undefined) this.sockets.push(socket)
          return socket
        }),
    })
  }

  async kill(): Promise<void> {
    this.isDead = true
    await Promise.all(this.sockets.map((socket) => socket.close()))
  }

  private async step<Value>(action: () => Promise<Value>): Promise<Value> {
    await this.pause()
    const outcome = await action().then(
      (value) => () => value,
      (error) => () => {
        throw error
      },
    )
    await this.pause()
    return outcome()
  }

  private async pause(): Promise<void> {
    for (let turns = this.random.below(TURNS_MAX); turns > 0; turns--) await nextTurn()
    if (this.random.chance(this.deathChance)) await this.kill()
    if (this.isDead) await new Promise(() => undefined)
  }
}

const TURNS_MAX = 4
