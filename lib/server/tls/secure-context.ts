import type { KeyObject, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { SecureContext } from 'node:tls'
import { reasonOf } from '../../journal/disk/system-error.js'
import type { TlsRule } from '../../options/kinds/listen-address.js'
import { type NameOption, type StartError, startError } from '../../options/start-error.js'
import type { TlsOptions, TlsVersion, VerifyMode } from '../../options/table/tls-options.js'

/** Loaded only by a server with TLS. */
const nodeCrypto = () => process.getBuiltinModule('node:crypto')
const nodeTls = () => process.getBuiltinModule('node:tls')

/** Reads the files that the options of TLS name. Throws an error if one of them is not valid. */
export function readSecureContext(options: TlsOptions, ticketKeys: Buffer): SecureContext {
  const { createSecureContext } = nodeTls()
  const { sslChainCert, sslCaCert, sslMinVersion, sslSessionCache } = options
  if (sslChainCert === null) throw wrong('sslEnabled', 'TLS needs a certificate')
  const cert = fileOf('sslChainCert', sslChainCert)
  const first = about('sslChainCert', `${sslChainCert} holds no certificate in PEM`, () =>
    certificateIn(cert),
  )
  const key = keyOf(options, cert, first)
  // Without a list Node would trust the public certificate authorities.
  const ca = sslCaCert === null ? [] : fileOf('sslCaCert', sslCaCert)
  if (sslCaCert !== null)
    about('sslCaCert', `${sslCaCert} holds no certificate in PEM`, () => certificateIn(ca as Buffer))
  const ciphers = ciphersOf(options.sslCiphers, sslMinVersion)
  if (options.sslCiphers !== null)
    about('sslCiphers', `${options.sslCiphers} is not a list of ciphers`, () =>
      createSecureContext({ ciphers }),
    )
  const context = {
    cert,
    key,
    ca,
    minVersion: sslMinVersion,
    ciphers,
    secureOptions: sslSessionCache ? 0 : nodeCrypto().constants.SSL_OP_NO_TICKET,
    sessionIdContext: 'keepcached',
    ticketKeys,
  }
  try {
    return createSecureContext(context)
  } catch (error) {
    throw wrong('sslChainCert', `${sslChainCert} cannot be used: ${reasonOf(error)}`, error)
  }
}

/** The first certificate of a file in PEM; the file may be one in DER. */
function certificateIn(file: Buffer): X509Certificate {
  if (!file.includes('-----BEGIN')) throw new Error('it is not PEM')
  return new (nodeCrypto().X509Certificate)(file)
}

/** The private key, in PEM. It must belong to the certificate. */
function keyOf(options: TlsOptions, cert: Buffer, certificate: X509Certificate): Buffer | string {
  const { sslChainCert, sslKey, sslKeyFormat } = options
  const name = sslKey === null ? 'sslChainCert' : 'sslKey'
  const path = sslKey ?? sslChainCert
  const file = sslKey === null ? cert : fileOf('sslKey', sslKey)
  const isPem = sslKey === null || sslKeyFormat === 'PEM'
  if (isPem && file.includes('ENCRYPTED'))
    throw wrong(name, `the key in ${path} is encrypted, and its passphrase is unknown`)
  const hint: Sentence = (nameOf) => (sslKey === null ? `; ${nameOf('sslKey')} names another file` : '')
  const isMissing: Sentence = (nameOf) =>
    `${path} holds no private key in ${isPem ? 'PEM' : 'DER'}${hint(nameOf)}`
  const key = about(name, isMissing, () => (isPem ? nodeCrypto().createPrivateKey(file) : derKey(file)))
  if (!certificate.checkPrivateKey(key))
    throw wrong(name, `the key in ${path} is not that of the certificate in ${sslChainCert}`)
  return isPem ? file : key.export({ type: 'pkcs8', format: 'pem' })
}

function fileOf(name: keyof TlsOptions, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw wrong(name, `${path} cannot be read: ${reasonOf(error)}`, error)
  }
}

/** The purpose of an option, for errors: it says more than the message of the library. */
function about<Result>(name: keyof TlsOptions, sentence: string | Sentence, action: () => Result): Result {
  try {
    return action()
  } catch (error) {
    throw wrong(name, sentence, error)
  }
}

type Sentence = (nameOf: NameOption) => string

function wrong(name: keyof TlsOptions, sentence: string | Sentence, cause?: unknown): StartError {
  const write = typeof sentence === 'string' ? () => sentence : sentence
  return startError((nameOf) => `${nameOf(name)}: ${write(nameOf)}`, cause)
}

/** A file in DER does not tell its kind of key. */
function derKey(key: Buffer): KeyObject {
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    try {
      return nodeCrypto().createPrivateKey({ key, format: 'der', type })
    } catch {
      // Tries the next kind.
    }
  }
  throw new Error('the key is not one in DER')
}

/** As in memcached, a list without the ciphers of TLS 1.3 keeps those: Node would leave out TLS 1.3. */
function ciphersOf(listed: string | null, minVersion: TlsVersion): string {
  // OpenSSL 3 refuses TLS 1.0 and 1.1 at its default level.
  const { DEFAULT_CIPHERS } = nodeTls()
  if (listed === null)
    return minVersion === 'TLSv1' || minVersion === 'TLSv1.1'
      ? `${DEFAULT_CIPHERS}:@SECLEVEL=0`
      : DEFAULT_CIPHERS
  return /\bTLS_/.test(listed) ? listed : `${listed}:${TLS_1_3_CIPHERS}`
}

const TLS_1_3_CIPHERS = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

/** How clients of an address are verified; null without TLS. */
export function verificationAt(rule: TlsRule | undefined, options: TlsOptions): VerifyMode | null {
  if (!options.sslEnabled) return null
  return rule === undefined ? options.sslVerifyMode : BY_RULE[rule]
}

const BY_RULE: Readonly<Record<TlsRule, VerifyMode | null>> = { notls: null, btls: 'none', mtls: 'require' }
