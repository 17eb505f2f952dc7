/** The notation of the checks of the binary protocol. */
import type { ExtraNumbers, ReplyFrame, StatusName } from '../../protocol/index.js'
import { statusCode, statusText } from '../../protocol/index.js'
import { ANY_CAS } from './cas-names.js'

export type BinaryStep = Exchange | Wait

export interface Exchange {
  readonly kind: 'exchange'
  /** Sent in one piece. */
  readonly requests: readonly Ask[]
  /** All replies, or a function that judges them. */
  readonly replies: readonly Answer[] | Judge
  readonly isLast: boolean
  /** Sent byte by byte. */
  readonly isCut: boolean
}

export interface Wait {
  readonly kind: 'wait'
  readonly seconds: number
}

/** A key has a name within its check. A length fills it up; raw bytes are sent unchanged. */
export type Key = string | { readonly name: string; readonly length: number } | { readonly raw: string }

interface Content {
  readonly key?: Key
  readonly value?: string | Uint8Array
  readonly extras?: ExtraNumbers | Uint8Array
  /** The name of a cas. */
  readonly cas?: string
}

export interface Ask extends Content {
  readonly opcode: string | number
  readonly casNumber?: bigint
  readonly vbucket?: number
  readonly dataType?: number
  readonly opaque?: number
  /** Filled up to this many bytes. */
  readonly valueLength?: number | 'too long'
  /** Wrong values for the header. */
  readonly lengths?: {
    readonly keyLength?: number
    readonly extrasLength?: number
    readonly bodyLength?: number
  }
  readonly magic?: number
}

export interface Answer extends Content {
  readonly opcode: string | number
  readonly status: number
  readonly valueLength?: number
  /** The index of its request. */
  readonly to: number
}

/** Returns the error in the replies, or undefined if there is none. */
export interface Judge {
  readonly expected: string
  readonly complaint: (replies: readonly ReplyFrame[]) => string | undefined
}

export const ask = (opcode: string | number, content: Omit<Ask, 'opcode'> = {}): Ask => ({
  opcode,
  ...content,
})

type AnswerContent = Partial<Omit<Answer, 'opcode' | 'status'>> & { readonly status?: StatusName }

export function answer(opcode: string | number, { status = 'OK', ...content }: AnswerContent = {}): Answer {
  return { opcode, status: statusCode(status)!, to: 0, ...content }
}

/** An error, with its text. */
export function refused(opcode: string | number, status: StatusName, to = 0): Answer {
  return answer(opcode, { status, value: statusText(statusCode(status)!), to })
}

/** After the last reply: the server closes the connection. */
export const END = 'end of stream'

export function exchange(request: Ask | readonly Ask[], ...replies: (Answer | typeof END)[]): Exchange {
  return {
    kind: 'exchange',
    requests: Array.isArray(request) ? request : [request as Ask],
    replies: replies.filter((reply) => reply !== END),
    isLast: replies.includes(END),
    isCut: false,
  }
}

/** The same, byte by byte. */
export const inCrumbs = (whole: Exchange): Exchange => ({ ...whole, isCut: true })

export function judged(request: Ask, expected: string, complaint: Judge['complaint']): Exchange {
  return {
    kind: 'exchange',
    requests: [request],
    replies: { expected, complaint },
    isLast: false,
    isCut: false,
  }
}

export const wait = (seconds: number): Wait => ({ kind: 'wait', seconds })

interface Stored {
  readonly flags?: number
  readonly expiry?: number
  readonly cas?: string
}

/** Stores a value, as preparation. */
export function stores(
  key: Key,
  value: string | Uint8Array,
  { flags = 0, expiry = 0, cas = ANY_CAS }: Stored = {},
): Exchange {
  return exchange(ask('set', { key, value, extras: { clientFlags: flags, expiry } }), answer('set', { cas }))
}

/** The item exists, with this value, flags and cas. */
export function holds(
  key: Key,
  value: string | Uint8Array,
  { flags = 0, cas = ANY_CAS }: Stored = {},
): Exchange {
  return exchange(ask('get', { key }), answer('get', { value, extras: { clientFlags: flags }, cas }))
}

/** The item does not exist. */
export const lacks = (key: Key): Exchange => exchange(ask('get', { key }), refused('get', 'NOT_FOUND'))
