import type { Driver } from './binary-driver.js'
import { type Bytes, bytesOf } from './frames.js'
import type { Operation, Outcome, Verb } from './operations.js'
import { line, TEXT_WIRE } from './text-replies.js'
import type { Exchange, Message } from './transcript.js'

export const text: Driver = {
  ...TEXT_WIRE,
  name: 'text',
  exchange: (operation, outcome) => exchangeOf(operation, outcome, false),
}

/** With `noreply` wherever it is allowed: no reply, not even for errors. */
export const quietText: Driver = {
  ...TEXT_WIRE,
  name: 'text, without replies',
  exchange: (operation, outcome) => exchangeOf(operation, outcome, true),
}

function exchangeOf(operation: Operation, outcome: Outcome, isQuiet: boolean): Exchange | undefined {
  if (!canSay(operation, outcome)) return undefined
  const isSilent = isQuiet && !isRead(operation.verb)
  return {
    request: requestMessage(operation, isSilent ? ' noreply' : ''),
    replies: isSilent ? [] : [replyMessage(operation, outcome)],
    isLast: false,
  }
}

const isRead = (verb: Verb): boolean => verb === 'get' || verb === 'get and touch'

/** A key is a word, only a set can name a cas, and a missing counter is not created. */
export function canSay({ verb, key, cas, initial, expiry }: Operation, { kind }: Outcome): boolean {
  const isWord = bytesOf(key).every((byte) => byte > 0x20) && (verb === 'flush' || key.length > 0)
  const isCas = cas === undefined || (verb === 'set' && kind !== 'too large')
  return isWord && isCas && initial === undefined && expiry <= EXPIRY_MAX
}

/** Text has signed numbers. */
export const EXPIRY_MAX = 0x7fff_ffff

const NAMES: Readonly<Record<Verb, string>> = {
  get: 'gets',
  'get and touch': 'gats',
  touch: 'touch',
  set: 'set',
  add: 'add',
  replace: 'replace',
  append: 'append',
  prepend: 'prepend',
  delete: 'delete',
  increment: 'incr',
  decrement: 'decr',
  flush: 'flush_all',
}

function requestMessage(operation: Operation, ending: string): Message {
  const { verb, flags, expiry, delta, cas: casName } = operation
  const key = bytesOf(operation.key).toString('latin1')
  const value = bytesOf(operation.value)
  const name = NAMES[verb]
  const plain = (words: string): Message => ({ bytes: () => line(words + ending) })
  switch (verb) {
    case 'get':
      return plain(`${name} ${key}`)
    case 'get and touch':
      return plain(`${name} ${expiry} ${key}`)
    case 'touch':
      return plain(`${name} ${key} ${expiry}`)
    case 'delete':
      return plain(`${name} ${key}`)
    case 'increment':
    case 'decrement':
      return plain(`${name} ${key} ${delta}`)
    case 'flush':
      return plain(expiry === 0 ? name : `${name} ${expiry}`)
    default:
      return {
        casName,
        bytes: (cas) => {
          const words = `${key} ${flags} ${expiry} ${value.length}`
          const head = casName === undefined ? `${name} ${words}` : `cas ${words} ${cas}`
          return Buffer.concat([line(head + ending), value, line('')])
        },
      }
  }
}

function replyMessage({ verb, key, cas: casNamed }: Operation, outcome: Outcome): Message {
  const { kind, flags = 0, number = 0n } = outcome
  if (kind === 'hit') {
    return { casName: outcome.cas, bytes: (cas) => itemReply(key, flags, outcome.value ?? '', cas) }
  }
  if (kind === 'missing' && isRead(verb)) return { bytes: () => line('END') }
  if (kind === 'counted') return { bytes: () => line(String(number)) }
  const isStore = verb === 'add' || verb === 'replace'
  const isRefused = isStore && casNamed === undefined && (kind === 'exists' || kind === 'missing')
  return { bytes: () => line(isRefused ? 'NOT_STORED' : wordFor(verb, kind)) }
}

function itemReply(key: Bytes, flags: number, value: Bytes, cas: bigint): Buffer {
  const bytes = bytesOf(value)
  const head = `VALUE ${bytesOf(key).toString('latin1')} ${flags >>> 0} ${bytes.length} ${cas}`
  return Buffer.concat([line(head), bytes, line(''), line('END')])
}

function wordFor(verb: Verb, kind: Outcome['kind']): string {
  if (kind === 'done') return verb === 'delete' ? 'DELETED' : 'OK'
  return WORDS[kind]
}

const WORDS = {
  stored: 'STORED',
  touched: 'TOUCHED',
  missing: 'NOT_FOUND',
  exists: 'EXISTS',
  'not stored': 'NOT_STORED',
  'not a number': 'CLIENT_ERROR cannot increment or decrement non-numeric value',
  'too large': 'SERVER_ERROR object too large for cache',
  hit: '',
  counted: '',
} as const
