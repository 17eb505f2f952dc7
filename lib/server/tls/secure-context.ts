import { constants, createPrivateKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, DEFAULT_CIPHERS, type SecureContext } from 'node:tls'
import type { TlsRule } from '../../options/kinds/listen-address.js'
import type { KeyFormat, TlsOptions, TlsVersion, VerifyMode } from '../../options/table/tls-options.js'

/** Reads what TLS needs from the files that the options name. Throws when one of them is not what it should be. */
export function readSecureContext(options: TlsOptions, ticketKeys: Buffer): SecureContext {
  const { sslChainCert, sslKey, sslKeyFormat, sslCaCert, sslMinVersion, sslSessionCache } = options
  if (sslChainCert === null) throw new Error('TLS has to have a certificate')
  const cert = readFileSync(sslChainCert)
  return createSecureContext({
    cert,
    key: sslKey === null ? cert : keyIn(readFileSync(sslKey), sslKeyFormat),
    // Without a list of ours Node would trust those who vouch for the servers of the world.
    ca: sslCaCert === null ? [] : readFileSync(sslCaCert),
    minVersion: sslMinVersion,
    ciphers: ciphersOf(options.sslCiphers, sslMinVersion),
    secureOptions: sslSessionCache ? 0 : constants.SSL_OP_NO_TICKET,
    sessionIdContext: 'keepcached',
    ticketKeys,
  })
}

/** In the form that Node takes. */
function keyIn(file: Buffer, format: KeyFormat): Buffer | string {
  return format === 'PEM' ? file : derKey(file).export({ type: 'pkcs8', format: 'pem' })
}

/** A file in DER does not say which kind of key it holds. */
function derKey(key: Buffer): KeyObject {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return createPrivateKey({ key, format: 'der', type })
    } catch {
      // Perhaps it is of the next kind.
    }
  }
  throw new Error('the key is not one in DER')
}

/** As with memcached, a list without the ciphers of TLS 1.3 leaves those as they are: Node would leave out TLS 1.3. */
function ciphersOf(listed: string | null, minVersion: TlsVersion): string {
  // OpenSSL 3 thinks TLS 1.0 and 1.1 too weak for its usual level.
  if (listed === null)
    return minVersion === 'TLSv1' || minVersion === 'TLSv1.1'
      ? `${DEFAULT_CIPHERS}:@SECLEVEL=0`
      : DEFAULT_CIPHERS
  return /\bTLS_/.test(listed) ? listed : `${listed}:${TLS_1_3_CIPHERS}`
}

const TLS_1_3_CIPHERS = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

/** How clients of an address are verified; null where it does not speak TLS. */
export function verificationAt(rule: TlsRule | undefined, options: TlsOptions): VerifyMode | null {
  if (!options.sslEnabled) return null
  return rule === undefined ? options.sslVerifyMode : BY_RULE[rule]
}

const BY_RULE: Readonly<Record<TlsRule, VerifyMode | null>> = { notls: null, btls: 'none', mtls: 'require' }
