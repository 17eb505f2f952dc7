import type { Status } from './status.js'

/** No row of any table. */
export const NO_VERB = -1

/** What the server remembers of one connection between two requests, as far as commands need to know it. */
export class Session {
  /** The number of the connection, as statistics and watchers know it. */
  number = 0
  /** What the connection watches, as bits; 0 while it asks. */
  watches = 0
  /** False where nobody could be told later: a datagram has nobody behind it. */
  mayWatch = true
  isAuthenticated = false
  /** The SASL exchange that the connection is in the middle of, or undefined. */
  exchange: SaslExchange | undefined = undefined
  /** Nothing but a login by name and password is carried out yet (text). */
  mustLogIn = false
  /**
   * The verb of a line that has not been answered to its end, by its row, or NO_VERB; and the expiry it gave (text).
   */
  openVerb: number = NO_VERB
  openExpiry = 0
  /** The list that the connection is in the middle of. */
  list: Iterator<string> | undefined = undefined
}

/** A SASL mechanism that waits for the client's next step. */
export interface SaslExchange {
  step(message: Uint8Array): SaslAnswer
}

/** OK, UNAUTHENTICATED, or CONTINUE with a challenge and the exchange that waits for the answer. */
export type SaslAnswer =
  | { readonly status: typeof Status.OK | typeof Status.UNAUTHENTICATED }
  | { readonly status: typeof Status.CONTINUE; readonly challenge: string; readonly exchange: SaslExchange }

/** Whether a name and a password go together (text). */
export interface PasswordCheck {
  isRight(name: Uint8Array, password: Uint8Array): boolean
}

/** Who may come in. */
export interface Authenticator {
  /** The mechanisms on offer, separated by spaces. */
  readonly mechanisms: string
  start(mechanism: string, message: Uint8Array): SaslAnswer
}
