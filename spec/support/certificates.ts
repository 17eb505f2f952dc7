import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OPENSSL } from './peers.js'

/** The files of a certificate and its key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A directory with certificates, for the suite that creates it; removed after the last of its specs. */
export class CertificateFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'keepcached-certificates-'))

  /** Outside a suite the caller removes it. */
  constructor(atEnd: (remove: () => void) => void = after) {
    atEnd(() => rmSync(this.path, { recursive: true }))
  }

  /**
   * A new certificate, signed by `issuer` or by itself. The file has text before it, as some have. Without openssl there are only
   * names: a suite that takes them as it is declared needs openssl, and is skipped.
   */
  make(name: string, issuer?: Certificate): Certificate {
    const [cert, key] = [join(this.path, `${name}.pem`), join(this.path, `${name}-key.pem`)]
    if (!OPENSSL.isThere()) return { cert, key }
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const signature = issuer === undefined ? [] : ['-CA', issuer.cert, '-CAkey', issuer.key]
    const files = ['-keyout', key, '-out', cert]
    const words = ['-text', '-subj', `/CN=${name}`, '-days', '30']
    execFileSync('openssl', ['req', '-x509', ...curve, ...signature, ...files, ...words], { stdio: 'pipe' })
    return { cert, key }
  }
}
