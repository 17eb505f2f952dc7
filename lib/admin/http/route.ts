import type { Exchange } from './exchange.js'

/** What one method does at one path. */
export interface Route {
  /** A route of GET answers HEAD, too. */
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  /** A path that ends with a slash stands for all paths that begin so, but `/` for itself. */
  readonly path: string
  /** The names of its parameters. */
  readonly parameters: readonly string[]
  /** It needs no token. */
  readonly isOpen?: true
  /** It is answered while the server starts, too. */
  readonly isEarly?: true
  /** It is refused by a server without a token. */
  readonly isSecret?: true
  /** It changes items. */
  readonly writes?: true
  readonly answer: (exchange: Exchange) => void | Promise<void>
}
