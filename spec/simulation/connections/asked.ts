import type { Status } from '../../../lib/request/status.js'
import type { KeyModel, State } from '../key-model.js'
import type { Operation } from '../outcome.js'

/** The result of a request in the model: from this a protocol derives what the client must receive. */
export interface Told {
  readonly status: Status
  readonly before: State
  readonly after: State
  /** The worker's time. */
  readonly now: number
  /** Flags of the meta protocol that tell whether this client is to renew the item. */
  readonly marks: string
}

/** The part of a request that is decided at one moment. */
export interface Part {
  /** Undefined where no item is asked for. */
  readonly item?: { readonly key: KeyModel; readonly operation: Operation }
  /** As a flush sends it. */
  readonly flushExpiry?: number
  /** Its reply tells whether the client is to renew the item. */
  readonly isMarked?: boolean
  /** The bytes of the reply; none if the request is quiet. */
  reply(told: Told): readonly Buffer[]
}

/** One request as it is sent. */
export interface Asked {
  readonly bytes: readonly Buffer[]
  readonly parts: readonly Part[]
  /** The server must close the connection after it. */
  readonly isLast: boolean
}

export const SILENCE: readonly Buffer[] = []

export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')

/** The remaining time to live, as text protocols show it. */
export const secondsLeft = (state: State, now: number): number =>
  state === undefined || state.expiry === 0 ? -1 : Math.max(0, state.expiry - now)
