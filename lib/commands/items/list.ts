import { SPACE } from '../../arena/ascii.js'
import { percentEncoded } from '../../arena/percent.js'
import type { Reply } from '../../request/reply.js'
import { ListKind, type Request } from '../../request/request.js'
import { Life } from '../../store/expiry.js'
import {
  casHigh,
  casLow,
  clientFlagsOf,
  expiryOf,
  Flag,
  flagsOf,
  keyLengthOf,
  keyStartOf,
  valueLengthOf,
} from '../../store/item/item.js'
import type { Context } from '../context/context.js'

/**
 * Begins to list all items, a portion at a time: other requests run between two portions, and a slow reader
 * holds only its position in the index. Items that change meanwhile may be missing, or be listed twice. Does nothing if the
 * decoder knows the reply.
 */
export function list(context: Context, request: Request, reply: Reply): void {
  const { start, line, end, refusal } = LISTS[request.listKind]
  if (!context.options.dumpEnabled) {
    reply.text = refusal
    return
  }
  if (request.answer !== 0) return
  request.session.list = portions(context, line, end, request.listCountMax)
  reply.text = start
}

export function listNext(_context: Context, request: Request, reply: Reply): void {
  const next = request.session.list?.next()
  if (next === undefined || next.done === true) request.session.list = undefined
  else reply.text = next.value
}

type Line = (context: Context, item: number) => string

const LISTS: Readonly<
  Record<
    ListKind,
    { readonly start: string; readonly line: Line; readonly end: string; readonly refusal: string }
  >
> = {
  [ListKind.METADUMP]: {
    start: 'OK\r\n',
    line: metadumpLine,
    end: 'END\r\n',
    refusal: 'ERROR metadump not allowed\r\n',
  },
  [ListKind.MGDUMP]: {
    start: '',
    line: (context, item) => `mg ${plainKey(context, item)}\r\n`,
    end: 'EN\r\n',
    refusal: 'ERROR key dump not allowed\r\n',
  },
  [ListKind.CACHEDUMP]: {
    start: '',
    line: cachedumpLine,
    end: 'END\r\n',
    refusal: 'CLIENT_ERROR stats cachedump not allowed\r\n',
  },
}

function* portions(context: Context, line: Line, end: string, countMax: number): Generator<string> {
  const { store } = context
  let count = 0
  let portion = ''
  for (let bucket = 0; bucket < store.index.bucketCount; bucket++) {
    store.visits.visitBucket(bucket, (item) => {
      if (store.lifeOf(item) !== Life.LIVE || (countMax > 0 && count >= countMax)) return
      count++
      portion += line(context, item)
    })
    if (portion.length >= PORTION_LENGTH || bucket % BUCKETS_AT_ONCE === BUCKETS_AT_ONCE - 1) {
      yield portion
      portion = ''
    }
  }
  yield portion + end
}

function metadumpLine(context: Context, item: number): string {
  const { words } = context.arena
  const expiry = expiryOf(words, item)
  const isFetched = (flagsOf(words, item) & Flag.FETCHED) !== 0
  const clientFlags = clientFlagsOf(words, item)
  const size = context.itemSize(keyLengthOf(words, item), valueLengthOf(words, item), clientFlags)
  const key = keyOf(context, item)
  return [
    `key=${percentEncoded(key, 0, key.length)}`,
    `exp=${expiry === 0 ? -1 : expiry}`,
    `la=${context.store.items.accessTime(item)}`,
    `cas=${(BigInt(casHigh(words, item) >>> 0) << 32n) | BigInt(casLow(words, item) >>> 0)}`,
    `fetch=${isFetched ? 'yes' : 'no'}`,
    'cls=1',
    `size=${size}`,
    `flags=${clientFlags >>> 0}\n`,
  ].join(' ')
}

function cachedumpLine(context: Context, item: number): string {
  const { words } = context.arena
  return `ITEM ${keyOf(context, item).toString('latin1')} [${valueLengthOf(words, item)} b; ${expiryOf(words, item)} s]\r\n`
}

/** The key as `mg` accepts it. */
function plainKey(context: Context, item: number): string {
  const key = keyOf(context, item)
  return key.every((byte) => byte > SPACE && byte !== DELETE)
    ? key.toString('latin1')
    : `${key.toString('base64')} b`
}

function keyOf(context: Context, item: number): Buffer {
  const { words, bytes } = context.arena
  const start = keyStartOf(words, item)
  return bytes.subarray(start, start + keyLengthOf(words, item))
}

const DELETE = 0x7f
const PORTION_LENGTH = 8 * 1024
const BUCKETS_AT_ONCE = 4096
