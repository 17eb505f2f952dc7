import { EventKind } from './kinds.js'

/**
 * The layout of an event in a ring. Lengths and positions of events are multiples of 8.
 *
 *     words    0      1                       2 3    4 5   6            7      8     9            10
 *            ┌──────┬──────┬────────┬───────┬──────┬─────┬────────────┬──────┬─────┬────────────┬─────────────┬──────┐
 *            │length│ type │ detail │ verb  │ time │ gid │ connection │ size │ ttl │ la or port │ text length │ text │
 *            └──────┴──────┴────────┴───────┴──────┴─────┴────────────┴──────┴─────┴────────────┴─────────────┴──────┘
 *                     8 bits each             µs                                                                key, …
 */
export const EventWord = {
  LENGTH: 0,
  HEAD: 1,
  TIME: 2,
  GID: 4,
  CONNECTION: 6,
  SIZE: 7,
  TTL: 8,
  MORE: 9,
  TEXT_LENGTH: 10,
  TEXT: 11,
} as const

export const EVENT_HEAD_LENGTH = EventWord.TEXT * 4

export const EventType = {
  /** No event: the unused rest at the end of the ring. */
  FILLER: 0,
  ITEM_GET: 1,
  ITEM_STORE: 2,
  DELETED: 3,
  EVICTION: 4,
  CONN_NEW: 5,
  CONN_CLOSE: 6,
  COMMAND: 7,
  SEGMENT: 8,
} as const
export type EventType = (typeof EventType)[keyof typeof EventType]

/** The watchers that receive it. */
export const KIND_OF: Readonly<Record<EventType, number>> = {
  [EventType.FILLER]: 0,
  [EventType.ITEM_GET]: EventKind.FETCHERS,
  [EventType.ITEM_STORE]: EventKind.MUTATIONS,
  [EventType.DELETED]: EventKind.DELETIONS,
  [EventType.EVICTION]: EventKind.EVICTIONS,
  [EventType.CONN_NEW]: EventKind.CONNEVENTS,
  [EventType.CONN_CLOSE]: EventKind.CONNEVENTS,
  [EventType.COMMAND]: EventKind.RAWCMDS,
  [EventType.SEGMENT]: EventKind.SYSEVENTS,
}

/** The details of each type, as numbers; lines.ts has memcached's words for them, in this order. */
export const Found = { NOT_FOUND: 0, FOUND: 1, FLUSHED: 2, EXPIRED: 3 } as const
export type Found = (typeof Found)[keyof typeof Found]

export const Outcome = {
  NOT_STORED: 0,
  STORED: 1,
  EXISTS: 2,
  NOT_FOUND: 3,
  TOO_LARGE: 4,
  NO_MEMORY: 5,
} as const
export type Outcome = (typeof Outcome)[keyof typeof Outcome]

export const StoreVerb = { ADD: 0, SET: 1, REPLACE: 2, APPEND: 3, PREPEND: 4, CAS: 5 } as const
export type StoreVerb = (typeof StoreVerb)[keyof typeof StoreVerb]

export const DeleteVerb = { DELETE: 0, META: 1 } as const
export type DeleteVerb = (typeof DeleteVerb)[keyof typeof DeleteVerb]

export const Ending = { ERROR: 0, NORMAL: 1, IDLE_TIMEOUT: 2, SHUTDOWN: 3 } as const
export type Ending = (typeof Ending)[keyof typeof Ending]

export const Transport = { LOCAL: 0, TCP: 1, UDP: 2 } as const
export type Transport = (typeof Transport)[keyof typeof Transport]
