import { createHmac } from 'node:crypto'
import { Command } from '../../request/command.js'
import { Status } from '../../request/status.js'
import { type PlainReply, ReplyCall } from '../calls/reply-call.js'
import { ClientError } from '../client-error.js'

export interface Credentials {
  readonly user: string
  readonly password: string
  /** Binary only. By default the strongest that the server offers. */
  readonly mechanism?: 'PLAIN' | 'CRAM-MD5'
}

type Ask = (call: ReplyCall) => Promise<PlainReply>

/** Logs in with SASL (binary). A server that does not know SASL needs no login. */
export async function logInBinary(ask: Ask, credentials: Credentials): Promise<void> {
  const offered = await ask(new SaslCall(Command.SASL_MECHANISMS, '', NO_BYTES))
  if (offered.status === Status.UNKNOWN_COMMAND) return
  const mechanism = credentials.mechanism ?? mechanismAmong(`${offered.value}`.split(' '))
  const first = await ask(new SaslCall(Command.SASL_START, mechanism, firstMessage(mechanism, credentials)))
  const last =
    mechanism === 'CRAM-MD5' && first.status === Status.CONTINUE
      ? await ask(new SaslCall(Command.SASL_STEP, mechanism, digestOf(first.value, credentials)))
      : first
  expectLogin(last)
}

/**
 * Logs in over text: the name and the password are the value of a set. A server without logins would store them as an
 * item, so it is first asked whether it refuses another request.
 */
export async function logInText(ask: Ask, { user, password }: Credentials): Promise<void> {
  const probe = new ReplyCall()
  probe.command = Command.VERSION
  if ((await ask(probe)).status === Status.OK) return
  const login = new ReplyCall()
  login.command = Command.LOG_IN
  login.value = Buffer.from(`${user} ${password}`)
  expectLogin(await ask(login))
}

class SaslCall extends ReplyCall {
  constructor(command: Command, mechanism: string, data: Uint8Array) {
    super()
    this.command = command
    this.key = mechanism
    this.value = data
  }
}

function mechanismAmong(offered: readonly string[]): 'PLAIN' | 'CRAM-MD5' {
  return offered.includes('CRAM-MD5') ? 'CRAM-MD5' : 'PLAIN'
}

function firstMessage(mechanism: string, { user, password }: Credentials): Uint8Array {
  return mechanism === 'PLAIN' ? Buffer.from(`\0${user}\0${password}`) : NO_BYTES
}

/** The answer to the server's challenge: the name, and the keyed MD5 of the challenge in hexadecimal digits. */
function digestOf(challenge: Buffer, { user, password }: Credentials): Uint8Array {
  const digest = createHmac('md5', password).update(challenge).digest('hex')
  return Buffer.from(`${user} ${digest}`)
}

function expectLogin({ error }: PlainReply): void {
  if (error === undefined) return
  throw new ClientError('AUTH', `the server refuses the login: ${error.message}`, { cause: error })
}

const NO_BYTES = new Uint8Array(0)
