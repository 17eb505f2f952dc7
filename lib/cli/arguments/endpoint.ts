import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import { parseAddress } from '../../check/client/address.js'
import type { Credentials, Endpoint } from '../../check/client/connection.js'
import { reasonOf } from '../../journal/disk/system-error.js'
import { ExitCode } from '../exit-codes.js'
import type { ParsedArguments } from './parsed-arguments.js'
import { Refusal } from './refusal.js'
import type { Io } from './sub-command.js'

/** How long to wait for a reply. */
export const TIMEOUT_MS = 2000
export const TIMEOUT_BOUNDS_MS = [1, 600_000] as const

/** Reads the options of every sub-command that connects to a server. `operand` is an address among the operands. */
export function endpointOf(
  given: ParsedArguments,
  environment: Io['environment'],
  operand?: string,
  timeoutMs: number = given.number('timeout', TIMEOUT_MS, TIMEOUT_BOUNDS_MS),
): Endpoint {
  const server = given.text('server') ?? operand ?? environment['KEEPCACHED_SERVER'] ?? ':11211'
  return {
    address: parseAddress(server),
    tls: tlsOptionsOf(given),
    timeoutMs,
    credentials: credentialsOf(given.text('sasl') ?? environment['KEEPCACHED_SASL']),
  }
}

/** The addresses of a tool that takes several; undefined: its one server is that of `--server`, or the default. */
export function addressesOf(given: ParsedArguments, tool: string): readonly (string | undefined)[] {
  if (given.operands.length === 0) return [undefined]
  if (given.has('server'))
    throw new Refusal(ExitCode.USAGE, `${tool}: --server and ADDRESS exclude each other`)
  return given.operands
}

/** A password may hold colons, a user may not. */
function credentialsOf(text: string | undefined): Credentials | undefined {
  if (text === undefined) return undefined
  const colon = text.indexOf(':')
  if (colon === -1) throw new Refusal(ExitCode.USAGE, '--sasl: a login is USER:PASSWORD')
  return { user: text.slice(0, colon), password: text.slice(colon + 1) }
}

function tlsOptionsOf(given: ParsedArguments): ConnectionOptions | undefined {
  const isWanted = ['tls', 'tls-ca', 'tls-insecure', 'tls-cert', 'tls-key'].some((name) => given.has(name))
  if (!isWanted) return undefined
  const [ca, cert, key] = ['tls-ca', 'tls-cert', 'tls-key'].map((name) => fileOf(name, given.text(name)))
  return {
    rejectUnauthorized: !given.has('tls-insecure'),
    ...(ca && { ca }),
    ...(cert && { cert }),
    // As in memcached, one file may hold both.
    ...(cert && { key: key ?? cert }),
  }
}

function fileOf(name: string, path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Refusal(ExitCode.NO_INPUT, `--${name}: ${path} cannot be read: ${reasonOf(error)}`)
  }
}
