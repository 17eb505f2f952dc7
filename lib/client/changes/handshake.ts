import { ClientError } from '../client-error.js'
import type { Credentials } from '../connection/login.js'

/**
 * What is said before changes follow:
 *
 *     with credentials   version ──▶ not allowed ──▶ login ──▶ STORED ─┐
 *                           └──▶ VERSION …                             │
 *     without               ─────────┴─────────────────────────────────┴─▶ watch changes … ──▶ OK
 *
 * A server without logins would store the name and the password as an item, so it is asked first.
 */
export class Handshake {
  /** No byte has come. */
  isUnanswered = true
  private step: 'probing' | 'logging in' | 'asking' = 'asking'
  private readonly server: string
  private readonly credentials: Credentials | undefined
  private readonly request: string

  constructor(server: string, credentials: Credentials | undefined, request: string) {
    this.server = server
    this.credentials = credentials
    this.request = request
  }

  /** The first lines to send. */
  begin(): readonly string[] {
    if (this.credentials === undefined) return [this.request]
    this.step = 'probing'
    return ['version']
  }

  /** Returns the lines to send next, or why there are none. */
  read(line: string): readonly string[] | 'accepted' | ClientError {
    this.isUnanswered = false
    switch (this.step) {
      case 'probing':
        return line.startsWith('VERSION ') ? this.ask() : this.logIn()
      case 'logging in':
        return line === 'STORED' ? this.ask() : this.refusedLogin(line)
      case 'asking':
        return line === 'OK' ? 'accepted' : this.refused(line)
    }
  }

  /** The server has closed the connection, and has said nothing. */
  silence(): ClientError {
    return new ClientError(
      'UNSUPPORTED',
      `${this.server} closes the connection instead of a reply: does it accept only binary (-S, -B binary)?`,
    )
  }

  private ask(): readonly string[] {
    this.step = 'asking'
    return [this.request]
  }

  private logIn(): readonly string[] {
    const { user, password } = this.credentials!
    const login = Buffer.from(`${user} ${password}`)
    this.step = 'logging in'
    // The lines are Latin-1, and end as a value does.
    return [`set login 0 0 ${login.length}`, login.toString('latin1')]
  }

  private refusedLogin(line: string): ClientError {
    return new ClientError('AUTH', `${this.server}: the server refuses the login: ${line}`)
  }

  private refused(line: string): ClientError {
    if (line === 'CLIENT_ERROR unauthenticated')
      return new ClientError('AUTH', `${this.server}: the server replied: ${line}`)
    const isBusy = line.startsWith('SERVER_ERROR') && !line.includes('changes are off')
    return new ClientError(
      isBusy ? 'SERVER' : 'UNSUPPORTED',
      `${this.server} does not tell its changes: it replied: ${line}`,
    )
  }
}
