import { ExitCode } from './exit-codes.js'
import type { OptionRow } from './sub-command.js'

/** Options of every sub-command that speaks with a server. */
export const SERVER_OPTIONS: readonly OptionRow[] = [
  {
    name: 'server',
    argument: 'ADDRESS',
    help: 'HOST:PORT, HOST, [IPv6 address]:PORT or the path of a unix socket (default: 127.0.0.1:11211, or KEEPCACHED_SERVER of the environment)',
  },
  {
    name: 'sasl',
    argument: 'USER:PASSWORD',
    help: 'log in; better as KEEPCACHED_SASL in the environment, because command lines can be seen by others',
  },
  { name: 'tls', help: 'speak TLS; the certificate is checked' },
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
  { name: 'timeout', argument: 'MS', help: 'how long to wait for an answer (default: 2000)' },
]

export const TEXT_OPTION: OptionRow = {
  name: 'text',
  help: 'speak the text protocol instead of the binary one; --sasl is a login in text then',
}

/** All that say how to speak with a server, not what to ask of it. */
export const CONNECTION_OPTIONS: readonly OptionRow[] = [TEXT_OPTION, ...SERVER_OPTIONS]

/** Exit codes of those, whatever else they mean. */
export const TALKING_EXITS = {
  [ExitCode.USAGE]: 'the command line is wrong',
  [ExitCode.UNAVAILABLE]: 'the server cannot be reached',
  [ExitCode.PROTOCOL]: 'the server refuses the request',
  [ExitCode.NO_PERMISSION]: 'the server refuses the login',
}
