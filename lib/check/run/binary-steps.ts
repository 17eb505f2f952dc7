/** What the checks of the binary protocol are written in. */
import type { ExtraNumbers, ReplyFrame, StatusName } from '../../protocol/index.js'
import { statusCode, statusText } from '../../protocol/index.js'
import { ANY_CAS } from './cas-names.js'

export type BinaryStep = Exchange | Wait

export interface Exchange {
  readonly kind: 'exchange'
  /** Sent in one piece. */
  readonly requests: readonly Ask[]
  /** Every reply there is, or what judges them. */
  readonly replies: readonly Answer[] | Judge
  readonly isLast: boolean
  /** Sent byte by byte. */
  readonly isCut: boolean
}

export interface Wait {
  readonly kind: 'wait'
  readonly seconds: number
}

/** A key is named within its check. A length fills it up; raw bytes are sent as they are. */
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
  /** Filled with so many bytes. */
  readonly valueLength?: number | 'too long'
  /** What the header says in place of the truth. */
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
  /** Which of the requests it answers. */
  readonly to: number
}

/** Says what is wrong with the replies, or undefined when nothing is. */
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

/** An error, with the text that belongs to it. */
export function refused(opcode: string | number, status: StatusName, to = 0): Answer {
  return answer(opcode, { status, value: statusText(statusCode(status)!), to })
}

/** Behind the last reply: the server ends the connection. */
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

/** Stores a value, as a beginning. */
export function stores(
  key: Key,
  value: string | Uint8Array,
  { flags = 0, expiry = 0, cas = ANY_CAS }: Stored = {},
): Exchange {
  return exchange(ask('set', { key, value, extras: { clientFlags: flags, expiry } }), answer('set', { cas }))
}

/** What is there now, with its flags and cas. */
export function holds(
  key: Key,
  value: string | Uint8Array,
  { flags = 0, cas = ANY_CAS }: Stored = {},
): Exchange {
  return exchange(ask('get', { key }), answer('get', { value, extras: { clientFlags: flags }, cas }))
}

/** Nothing is there. */
export const lacks = (key: Key): Exchange => exchange(ask('get', { key }), refused('get', 'NOT_FOUND'))
