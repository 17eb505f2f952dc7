import type { Status } from '../../../lib/request/status.js'
import type { KeyModel, State } from '../key-model.js'
import type { Operation } from '../outcome.js'

/** What came of a request, as the model has it: from this a protocol says what the client has to hear. */
export interface Told {
  readonly status: Status
  readonly before: State
  readonly after: State
  /** What time it is for the worker. */
  readonly now: number
  /** Letters of the meta protocol that say who is to renew the item. */
  readonly marks: string
}

/** Of what a client asks, so much as is decided at one moment. */
export interface Part {
  /** Undefined where no item is asked for. */
  readonly item?: { readonly key: KeyModel; readonly operation: Operation }
  /** As a flush sends it. */
  readonly flushExpiry?: number
  /** Its reply says who is to renew the item. */
  readonly isMarked?: boolean
  /** The bytes that have to come back; none where nothing is said. */
  reply(told: Told): readonly Buffer[]
}

/** One request as it is sent. */
export interface Asked {
  readonly bytes: readonly Buffer[]
  readonly parts: readonly Part[]
  /** The server has to end the connection behind it. */
  readonly isLast: boolean
}

export const SILENCE: readonly Buffer[] = []

export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** How long an item has to live, as text protocols tell it. */
export const secondsLeft = (state: State, now: number): number =>
  state === undefined || state.expiry === 0 ? -1 : Math.max(0, state.expiry - now)
