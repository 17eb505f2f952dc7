import type { Driver } from './binary-driver.js'
import { bytesOf } from './frames.js'
import type { Operation, Outcome, Verb } from './operations.js'
import { EXPIRY_MAX } from './text-driver.js'
import { line, TEXT_WIRE } from './text-replies.js'
import type { Exchange, Message } from './transcript.js'

export const meta: Driver = {
  ...TEXT_WIRE,
  name: 'meta',
  exchange: (operation, outcome) => exchangeOf(operation, outcome, ''),
}

/** With `q`: without the replies that the client expects anyway. */
export const quietMeta: Driver = {
  ...TEXT_WIRE,
  name: 'meta, quietly',
  exchange: (operation, outcome) => exchangeOf(operation, outcome, ' q'),
}

function exchangeOf(operation: Operation, outcome: Outcome, quiet: string): Exchange | undefined {
  const { verb } = operation
  if (!canSay(operation, outcome)) return undefined
  // Whether a counter with an initial value is created, and so answered, depends on earlier requests.
  if (quiet !== '' && operation.initial !== undefined) return undefined
  const isSilent = quiet !== '' && verb !== 'flush' && isExpected(verb, outcome)
  return {
    request: requestMessage(operation, quiet),
    replies: isSilent ? [] : [replyMessage(operation, outcome)],
    isLast: false,
  }
}

const isRead = (verb: Verb): boolean => verb === 'get' || verb === 'get and touch' || verb === 'touch'
const isCounter = (verb: Verb): boolean => verb === 'increment' || verb === 'decrement'

const isExpected = (verb: Verb, { kind }: Outcome): boolean =>
  isRead(verb) ? kind === 'missing' : kind === 'stored' || kind === 'counted' || kind === 'done'

/** An add ignores the cas, a get has another meaning for it, and a value that is too large deletes the old one. */
function canSay({ verb, cas, expiry }: Operation, { kind }: Outcome): boolean {
  if (expiry > EXPIRY_MAX || (kind === 'too large' && verb !== 'set')) return false
  return cas === undefined || !(isRead(verb) || verb === 'add')
}

const MODES: Partial<Record<Verb, string>> = {
  set: 'S',
  add: 'E',
  replace: 'R',
  append: 'A',
  prepend: 'P',
  increment: 'I',
  decrement: 'D',
}

function requestMessage(operation: Operation, quiet: string): Message {
  const { verb, expiry, flags, delta, initial, cas: casName } = operation
  if (verb === 'flush') return { bytes: () => line(expiry === 0 ? 'flush_all' : `flush_all ${expiry}`) }
  const key = bytesOf(operation.key)
  const isWord = key.every((byte) => byte > 0x20)
  const name = isWord ? key.toString('latin1') : key.toString('base64')
  const value = bytesOf(operation.value)
  const ending = `${isWord ? '' : ' b'}${quiet}`
  const wordsWith = (casWord: string): string => {
    if (verb === 'get') return `mg ${name} v f c`
    if (verb === 'get and touch') return `mg ${name} T${expiry} v f c`
    if (verb === 'touch') return `mg ${name} T${expiry} f c`
    if (verb === 'delete') return `md ${name}${casWord}`
    if (isCounter(verb)) {
      const create = initial === undefined ? '' : ` N${expiry} J${initial}`
      return `ma ${name} D${delta} M${MODES[verb]} v c${create}${casWord}`
    }
    return `ms ${name} ${value.length} F${flags} T${expiry} M${MODES[verb]} c${casWord}`
  }
  return {
    casName,
    bytes: (cas) => {
      const head = line(wordsWith(casName === undefined ? '' : ` C${cas}`) + ending)
      return wordsWith('').startsWith('ms') ? Buffer.concat([head, value, line('')]) : head
    },
  }
}

function replyMessage(operation: Operation, outcome: Outcome): Message {
  const { verb } = operation
  const { kind, flags = 0, number = 0n, cas: casName } = outcome
  const value = bytesOf(outcome.value)
  // Which flags are returned, and where: `b` returns nothing without `k`.
  switch (kind) {
    case 'hit':
      return {
        casName,
        bytes: (cas) => Buffer.concat([line(`VA ${value.length} f${flags >>> 0} c${cas}`), value, line('')]),
      }
    case 'touched':
      return { casName, bytes: (cas) => line(`HD f${flags >>> 0} c${cas}`) }
    case 'counted':
      return {
        casName,
        bytes: (cas) => Buffer.concat([line(`VA ${String(number).length} c${cas}`), line(String(number))]),
      }
    case 'stored':
      return { casName, bytes: (cas) => line(`HD c${cas}`) }
    case 'done':
      return { bytes: () => line(verb === 'flush' ? 'OK' : 'HD') }
    case 'not a number':
      return { bytes: () => line('CLIENT_ERROR cannot increment or decrement non-numeric value') }
    case 'too large':
      return { bytes: () => line('SERVER_ERROR object too large for cache') }
    default:
      return { bytes: () => line(codeFor(operation, kind) + (MODES[verb] && !isCounter(verb) ? ' c0' : '')) }
  }
}

function codeFor({ verb, cas }: Operation, kind: 'missing' | 'exists' | 'not stored'): string {
  if (isRead(verb)) return 'EN'
  const isRefused = (verb === 'add' || verb === 'replace') && cas === undefined
  if (kind === 'not stored' || isRefused) return 'NS'
  return kind === 'missing' ? 'NF' : 'EX'
}
