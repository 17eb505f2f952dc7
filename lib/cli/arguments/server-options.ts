import { ExitCode } from '../exit-codes.js'
import type { OptionRow } from './sub-command.js'

/** Options of every sub-command that connects to a server. */
export const SERVER_OPTIONS: readonly OptionRow[] = [
  {
    name: 'server',
    argument: 'ADDRESS',
    help: 'HOST:PORT, HOST, [IPv6 address]:PORT or the path of a unix socket (default: 127.0.0.1:11211, or KEEPCACHED_SERVER of the environment)',
  },
  {
    name: 'sasl',
    argument: 'USER:PASSWORD',
    help: 'log in; better as KEEPCACHED_SASL in the environment, because other users can read command lines',
  },
  { name: 'tls', help: 'use TLS; the certificate is checked' },
  {
    name: 'tls-ca',
    argument: 'FILE',
    help: 'check the certificate against this authority, in PEM (implies --tls)',
    completes: 'file',
  },
  { name: 'tls-insecure', help: 'do not check the certificate (implies --tls)' },
  {
    name: 'tls-cert',
    argument: 'FILE',
    help: 'the certificate to show, in PEM (implies --tls)',
    completes: 'file',
  },
  { name: 'tls-key', argument: 'FILE', help: 'its private key, in PEM', completes: 'file' },
  { name: 'timeout', argument: 'MS', help: 'how long to wait for a reply (default: 2000)' },
]

export const TEXT_OPTION: OptionRow = {
  name: 'text',
  help: 'use the text protocol instead of the binary one; --sasl is then a login in text',
}

/** All options of the connection, as opposed to the request. */
export const CONNECTION_OPTIONS: readonly OptionRow[] = [TEXT_OPTION, ...SERVER_OPTIONS]

/** Exit codes that all of them have. */
export const TALKING_EXITS = {
  [ExitCode.USAGE]: 'the command line is wrong',
  [ExitCode.UNAVAILABLE]: 'the server cannot be reached',
  [ExitCode.PROTOCOL]: 'the server refuses the request',
  [ExitCode.NO_PERMISSION]: 'the server refuses the login',
}
