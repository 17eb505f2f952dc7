import type { Status } from './status.js'

/** The protocols of a server: both, or one of them. */
export type ProtocolChoice = 'auto' | 'ascii' | 'binary'

/** Not a row of any table. */
export const NO_VERB = -1

/** The state of one connection between two requests, as far as commands need it. */
export class Session {
  /** The number of the connection, shown in statistics and to watchers. */
  number = 0
  /** What the connection watches, as bits; 0 if it sends requests. */
  watches = 0
  /** The changes that the connection watches; undefined if it does not. */
  watchedChanges: WatchedChanges | undefined = undefined
  /** The last request waits for a key, and is not answered yet (meta). */
  isParked = false
  /** False if later messages are impossible: a datagram has no connection. */
  mayWatch = true
  isAuthenticated = false
  /** The SASL exchange that the connection is in the middle of, or undefined. */
  exchange: SaslExchange | undefined = undefined
  /** Only a login by name and password is accepted so far (text). */
  mustLogIn = false
  /**
   * The verb of a line that has not been answered completely, by its row, or NO_VERB; and its expiry (text).
   */
  openVerb: number = NO_VERB
  openExpiry = 0
  /** The list that the connection is in the middle of. */
  list: Iterator<string> | undefined = undefined
}

/** What a connection wants to be told of changes. */
export interface WatchedChanges {
  readonly prefix: Uint8Array
  /** The position to resume after. */
  readonly since: string | undefined
  /** Lists all items first, and after each gap. */
  readonly initial: boolean
  readonly values: boolean
}

/** A SASL mechanism that waits for the client's next step. */
export interface SaslExchange {
  step(message: Uint8Array): SaslAnswer
}

/** OK, UNAUTHENTICATED, or CONTINUE with a challenge and the exchange that waits for the reply. */
export type SaslAnswer =
  | { readonly status: typeof Status.OK | typeof Status.UNAUTHENTICATED }
  | { readonly status: typeof Status.CONTINUE; readonly challenge: string; readonly exchange: SaslExchange }

/** Whether a name and a password are correct (text). */
export interface PasswordCheck {
  isRight(name: Uint8Array, password: Uint8Array): boolean
}

/** The mechanisms for logins. */
export interface Authenticator {
  /** The offered mechanisms, separated by spaces. */
  readonly mechanisms: string
  start(mechanism: string, message: Uint8Array): SaslAnswer
}
