import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { ServerOptions } from '../../lib/options/table/options.js'
import { Server } from '../../lib/server/server.js'
import { exchange } from './binary-client.js'
import { type Certificate, CertificateFolder } from './certificates.js'
import { Connection } from './connection.js'
import { Op, request, statusOf } from './frames.js'

/**
 * Certificates for one suite, and servers and clients that show them. Each certificate is made when it is first asked
 * for.
 */
export class TlsSuite {
  private readonly folder = new CertificateFolder()
  private readonly made = new Map<string, Certificate>()

  /** The directory of the certificates. */
  get path(): string {
    return this.folder.path
  }

  /** What the servers show by default. */
  get server(): Certificate {
    return this.certificate('server')
  }

  certificate(name: string, issuer?: Certificate): Certificate {
    const certificate = this.made.get(name) ?? this.folder.make(name, issuer)
    this.made.set(name, certificate)
    return certificate
  }

  start(options: Partial<ServerOptions> = {}): Promise<Server> {
    const { cert, key } = this.server
    return Server.start({ port: 0, sslEnabled: true, sslChainCert: cert, sslKey: key, ...options })
  }

  open(port: number, options: ConnectionOptions = {}) {
    return Connection.openTls({ host: '127.0.0.1', port, ...options })
  }

  /** Whether a client gets an answer. */
  async isServed(port: number, options: ConnectionOptions = {}): Promise<boolean> {
    try {
      const { connection } = await this.open(port, options)
      const reply = await exchange(connection, request(Op.NOOP)).finally(() => connection.close())
      return statusOf(reply) === 0
    } catch {
      return false
    }
  }
}

/** For a client that shows it. */
export const shown = ({ cert, key }: Certificate) => ({ cert: readFileSync(cert), key: readFileSync(key) })
