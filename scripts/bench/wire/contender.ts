import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Certificate, CertificateFolder } from '../../../spec/support/certificates.js'
import { LOAD_CORE, nextMessage, startProcess, stopProcess } from '../support/processes.js'
import { Server } from '../support/server.js'
import type { ServerKind } from '../support/server-kinds.js'
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

/** A server and the process that loads it. */
export class Contender {
  private readonly server: Server
  private readonly load: ChildProcess

  private constructor(server: Server, load: ChildProcess) {
    this.server = server
    this.load = load
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
    return new Contender(server, load)
  }

  async run(seconds: number): Promise<Run> {
    this.load.send(seconds)
    return (await nextMessage(this.load)) as Run
  }

  /** Young collections since the start, if the server runs on Node. */
  async collectionCount(): Promise<number | undefined> {
    return (await this.server.ask()) as number | undefined
  }

  async stop(): Promise<void> {
    // In the other order, the load would complain that its connections were closed.
    await stopProcess(this.load)
    await this.server.stop()
  }
}
