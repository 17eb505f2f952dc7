import { kilobytes } from '../kinds/number-kinds.js'
import { flag, numbered, PATH_LENGTH_MAX, text } from '../kinds/option-kinds.js'
import type { OptionTable } from './option-row.js'

export type KeyFormat = 'PEM' | 'DER'
/** Certificates of clients: not requested, optional, required, required (but only once). */
export type VerifyMode = 'none' | 'request' | 'require' | 'once'
/** By Node's names for them. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'

export interface TlsOptions {
  /** Whether connections are encrypted, except those to addresses with another setting. */
  readonly sslEnabled: boolean
  /** The file with the server's certificate and its chain, in PEM. TLS requires it. */
  readonly sslChainCert: string | null
  /** The file with the private key, if it is not in that of the certificate. */
  readonly sslKey: string | null
  readonly sslKeyFormat: KeyFormat
  readonly sslVerifyMode: VerifyMode
  /** The offered ciphers, in OpenSSL's notation. */
  readonly sslCiphers: string | null
  /** The file with the certificates that verify clients, in PEM. */
  readonly sslCaCert: string | null
  readonly sslMinVersion: TlsVersion
  /** Whether clients may resume a session of an earlier connection. */
  readonly sslSessionCache: boolean
  /** The bytes of replies that are collected before they are encrypted. */
  readonly sslWriteBufferLength: number
}

const CIPHERS_LENGTH_MAX = 4096
const WRITE_BUFFER_KILOBYTES_MAX = 1024

export const TLS_OPTIONS: OptionTable<TlsOptions> = {
  sslEnabled: {
    letter: 'Z',
    longName: 'enable-ssl',
    kind: flag(true),
    default: false,
    help: 'encrypt connections by TLS',
    settings: ['ssl_enabled'],
  },
  sslChainCert: {
    extendedName: 'ssl_chain_cert',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'file with the certificate of the server and its chain, in PEM',
    settings: ['ssl_chain_cert'],
  },
  sslKey: {
    extendedName: 'ssl_key',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'file with the private key, if it is not in that of the certificate',
    settings: ['ssl_key'],
  },
  sslKeyFormat: {
    extendedName: 'ssl_keyformat',
    kind: numbered('a format of keys', { PEM: 1, DER: 2 }),
    default: 'PEM',
    help: 'format of the key: 1 (PEM) or 2 (DER)',
    settings: ['ssl_keyformat'],
  },
  sslVerifyMode: {
    extendedName: 'ssl_verify_mode',
    kind: numbered('a way to verify', { none: 0, request: 1, require: 2, once: 3 }),
    default: 'none',
    help: 'certificates of clients: 0 (none), 1 (request), 2 (require) or 3 (once)',
    settings: ['ssl_verify_mode'],
  },
  sslCiphers: {
    extendedName: 'ssl_ciphers',
    kind: text('<list>', 'a list of ciphers', CIPHERS_LENGTH_MAX),
    default: null,
    help: 'ciphers to offer, separated by colons',
    settings: ['ssl_ciphers'],
  },
  sslCaCert: {
    extendedName: 'ssl_ca_cert',
    kind: text('<file>', 'a path', PATH_LENGTH_MAX),
    default: null,
    help: 'file with the certificates that verify clients, in PEM',
    settings: ['ssl_ca_cert'],
  },
  sslMinVersion: {
    extendedName: 'ssl_min_version',
    kind: numbered('a version of TLS', { TLSv1: 0, 'TLSv1.1': 1, 'TLSv1.2': 2, 'TLSv1.3': 3 }),
    default: 'TLSv1.2',
    help: 'oldest version to accept: 0 (TLS 1.0), 1 (1.1), 2 (1.2) or 3 (1.3)',
    settings: ['ssl_min_version'],
    settingText: (version) => (version === 'TLSv1' ? 'tlsv1.0' : version.toLowerCase()),
  },
  sslSessionCache: {
    extendedName: 'ssl_session_cache',
    kind: flag(true),
    default: false,
    help: 'let clients resume an earlier session',
    settings: ['ssl_session_cache'],
  },
  sslWriteBufferLength: {
    extendedName: 'ssl_wbuf_size',
    kind: kilobytes('a size of buffers', 1, WRITE_BUFFER_KILOBYTES_MAX),
    default: 16 * 1024,
    help: 'kilobytes of replies to collect before encryption',
    settings: ['ssl_wbuf_size'],
    settingText: String,
  },
}
