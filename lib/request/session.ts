import type { Status } from './status.js'

/** What the server remembers of one connection between two requests, as far as commands need to know it. */
export class Session {
  isAuthenticated = false
  /** The SASL exchange that the connection is in the middle of, or undefined. */
  exchange: SaslExchange | undefined = undefined
}

/** A SASL mechanism that waits for the client's next step. */
export interface SaslExchange {
  step(message: Uint8Array): SaslAnswer
}

/** OK, UNAUTHENTICATED, or CONTINUE with a challenge and the exchange that waits for the answer. */
export type SaslAnswer =
  | { readonly status: typeof Status.OK | typeof Status.UNAUTHENTICATED }
  | { readonly status: typeof Status.CONTINUE; readonly challenge: string; readonly exchange: SaslExchange }

/** Who may come in. */
export interface Authenticator {
  /** The mechanisms on offer, separated by spaces. */
  readonly mechanisms: string
  start(mechanism: string, message: Uint8Array): SaslAnswer
}
