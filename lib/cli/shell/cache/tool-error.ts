import { showAddress } from '../../../check/client/address.js'
import {
  ClientError as ToolError,
  type ClientErrorCode as ToolErrorCode,
} from '../../../check/client/client-error.js'
import type { Endpoint } from '../../../check/client/connection.js'
import { ClientError, type ClientErrorCode } from '../../../client/client-error.js'
import type { ClientProtocol } from '../../../client/connection/connection-options.js'
import { wordsOf } from '../../../client/connection/reason-of.js'
import { NetError } from '../../../net/net-error.js'
import { RequestError } from '../../../protocol/client/request-error.js'
import { Refusal } from '../../arguments/refusal.js'
import { ExitCode } from '../../exit-codes.js'

/** An error of the client as the tools say it, in one sentence. */
export function toolErrorOf(error: unknown, endpoint: Endpoint, protocol: ClientProtocol): unknown {
  if (error instanceof RequestError) return new Refusal(ExitCode.USAGE, error.message)
  if (!(error instanceof ClientError)) return error
  const netError = causeOf(error, NetError)
  if (netError?.code === 'READ_TIMEOUT')
    return new ToolError('SILENT', `nothing came within ${endpoint.timeoutMs} ms`)
  if (netError?.code === 'CONNECT_TIMEOUT')
    return unreachable(endpoint, `no connection within ${endpoint.timeoutMs} ms`)
  switch (error.code) {
    case 'BAD_KEY':
      return badKey(error, protocol)
    case 'BAD_OPTION':
      return new Refusal(ExitCode.USAGE, `--${error.message}`)
    case 'UNSUPPORTED':
      return new ToolError('REQUEST_REFUSED', error.message)
    case 'TIMEOUT':
      return new ToolError('SILENT', 'the server did not reply in time')
    case 'UNREACHABLE':
      return ofConnecting(error, endpoint, protocol)
    case 'CONNECTION':
      return ofConnection(error, protocol)
    case 'PROTOCOL':
      return new ToolError(
        'WRONG_PROTOCOL',
        `the server does not speak the ${protocol} protocol: ${deepest(error).message}`,
      )
    default:
      return ofReply(error)
  }
}

function badKey({ message }: ClientError, protocol: ClientProtocol): Refusal {
  const isText = protocol === 'text' && message.includes('blank')
  const words = isText
    ? 'the text protocol has no keys with spaces or control characters'
    : message.replace(', with its prefix', '')
  return new Refusal(ExitCode.USAGE, words)
}

/** The server was not reached, or it ended the connection during the login. */
function ofConnecting(error: ClientError, endpoint: Endpoint, protocol: ClientProtocol): ToolError {
  const cause = deepest(error)
  return cause instanceof ClientError ? ended(protocol) : unreachable(endpoint, wordsOf(cause))
}

function ofConnection(error: ClientError, protocol: ClientProtocol): ToolError {
  const cause = deepest(error)
  return cause === error ? ended(protocol) : new ToolError('RESET', `the server broke off: ${cause.message}`)
}

const ended = (protocol: ClientProtocol): ToolError =>
  new ToolError(
    'WRONG_PROTOCOL',
    protocol === 'binary'
      ? 'the server ends the connection instead of answering in the binary protocol'
      : `the server does not speak the ${protocol} protocol`,
  )

/** The server has replied with an error: to the login, or to the request. */
function ofReply(error: ClientError): ToolError {
  const reply = deepest(error).message.replace(REPLIED, '')
  const isLogin = LOGIN.test(error.message)
  const code: ToolErrorCode = CODES[error.code] ?? 'REQUEST_REFUSED'
  return new ToolError(
    code,
    isLogin ? `the server refuses the login: ${reply}` : `the server refuses: ${reply}`,
  )
}

const CODES: { readonly [code in ClientErrorCode]?: ToolErrorCode } = { AUTH: 'LOGIN_REFUSED' }
/** Behind the name of the server, which the tools have said. */
const REPLIED = /^.*?the server replied: /
const LOGIN = /the server refuses the login/

const unreachable = ({ address }: Endpoint, words: string): ToolError =>
  new ToolError('UNREACHABLE', `${showAddress(address)}: ${words}`)

function causeOf<Wanted extends Error>(
  error: unknown,
  wanted: new (...parts: never[]) => Wanted,
): Wanted | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof wanted) return cause
  return undefined
}

function deepest(error: Error): Error {
  return error.cause instanceof Error ? deepest(error.cause) : error
}
