import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Certificate, CertificateFolder } from '../../../spec/support/certificates.js'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from '../support/processes.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
import { cpuSeconds } from '../support/usage.js'
import type { Run } from './generator.js'
import { MEMORY_MEGABYTES, type Scenario } from './scenarios.js'

const COUNT_COLLECTIONS = new URL('./count-collections.js', import.meta.url)
const LOAD = fileURLToPath(new URL('./load.js', import.meta.url))

/** Of a certificate that is deleted with this process. */
function tlsOptions(): string[] {
  certificate ??= new CertificateFolder((remove) => process.once('exit', remove)).make('bench')
  return ['-Z', '-o', `ssl_chain_cert=${certificate.cert},ssl_key=${certificate.key}`]
}

let certificate: Certificate | undefined

/** A server, the process that loads it, and its companion, if it has one. */
export class Contender {
  private readonly kind: ServerKind
  private readonly server: Server
  private readonly load: ChildProcess
  private readonly companion: ChildProcess | undefined

  private constructor(kind: ServerKind, server: Server, load: ChildProcess, companion?: ChildProcess) {
    this.kind = kind
    this.server = server
    this.load = load
    this.companion = companion
  }

  /** A fresh server for every scenario: no row of the table depends on the rows before it. */
  static async start(kind: ServerKind, { name, connectionCount, isEncrypted }: Scenario): Promise<Contender> {
    const server = await Server.start(kind, {
      memoryMegabytes: MEMORY_MEGABYTES,
      connectionCount,
      observer: COUNT_COLLECTIONS,
      options: isEncrypted ? tlsOptions() : [],
    })
    const load = startProcess([process.execPath, LOAD, name, `${server.port}`, `${server.pid}`], LOAD_CORE)
    await nextMessage(load)
    const companion = kind.companion && startProcess(kind.companion.command, LOAD_CORE)
    if (companion !== undefined) await nextMessage(companion)
    return new Contender(kind, server, load, companion)
  }

  async run(seconds: number): Promise<Run> {
    const before = cpuSeconds(this.server.pid)
    this.load.send(seconds)
    const run = (await nextMessage(this.load)) as Run
    if (this.kind.companion?.isFollower !== true) return run
    return { ...run, serverCpuSeconds: (await this.cpuSecondsWhenIdle()) - before }
  }

  private async cpuSecondsWhenIdle(): Promise<number> {
    for (let used = cpuSeconds(this.server.pid); ; ) {
      await sleep(IDLE_LOOK_MS)
      const now = cpuSeconds(this.server.pid)
      if (now - used < (IDLE_SHARE * IDLE_LOOK_MS) / 1000) return now
      used = now
    }
  }

  /** Young collections since the start, if the server runs on Node. */
  async collectionCount(): Promise<number | undefined> {
    return (await this.server.ask()) as number | undefined
  }

  async askCompanion(): Promise<unknown> {
    if (this.companion === undefined) return undefined
    this.companion.send('tell')
    return await nextMessage(this.companion)
  }

  async stop(): Promise<void> {
    // In the other order, they would complain that their connections were closed.
    if (this.companion !== undefined) await stopProcess(this.companion)
    await stopProcess(this.load)
    await this.server.stop()
  }
}

const IDLE_LOOK_MS = 100
const IDLE_SHARE = 0.05
