import type { ChosenName } from './change.js'

/** What a subscriber wants. */
export interface SubscriptionOptions {
  /** Only keys that begin so; as text in UTF-8, or as bytes. */
  readonly prefix?: string | Uint8Array | undefined
  /** The position to resume after. */
  readonly since?: string | undefined
  /** Lists the items first, unless `since` can be resumed; and again after each gap. */
  readonly initial?: boolean | undefined
  readonly values?: boolean | undefined
  /** Only these kinds of changes. */
  readonly kinds?: readonly ChosenName[] | undefined
  /** A quiet subscriber receives its position so often; 0: never. */
  readonly heartbeatSeconds?: number | undefined
}

/** What a program wants to be told of changes. */
export interface ChangesOptions extends SubscriptionOptions {
  /** Ends the iteration, with its reason. */
  readonly signal?: AbortSignal | undefined
}
