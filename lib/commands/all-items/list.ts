import type { Reply } from '../../request/reply.js'
import type { Request } from '../../request/request.js'
import { Life } from '../../store/expiry/expiry.js'
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
import { LIST_FORMATS, type ListedItem, type ListFormat } from './list-formats.js'

/**
 * Begins to list all items, a portion at a time: other requests run between two portions, and a slow reader
 * holds only its position in the index. Items that change meanwhile may be missing, or be listed twice. Does nothing if the
 * decoder knows the reply.
 */
export function list(context: Context, request: Request, reply: Reply): void {
  const format = LIST_FORMATS[request.listKind]
  if (!context.options.dumpEnabled) {
    reply.text = format.refusal
    return
  }
  if (request.answer !== 0) return
  request.session.list = portions(context, format, request.listCountMax)
  reply.text = format.start
}

export function listNext(_context: Context, request: Request, reply: Reply): void {
  const next = request.session.list?.next()
  if (next === undefined || next.done === true) request.session.list = undefined
  else reply.text = next.value
}

function* portions(context: Context, { line, end }: ListFormat, countMax: number): Generator<string> {
  const { store } = context
  let count = 0
  let portion = ''
  for (let bucket = 0; bucket < store.visits.bucketCount; bucket++) {
    store.visits.visitBucket(bucket, (item) => {
      if (store.lifeOf(item) !== Life.LIVE || (countMax > 0 && count >= countMax)) return
      count++
      portion += line(listed(context, item))
    })
    if (portion.length >= PORTION_LENGTH || bucket % BUCKETS_AT_ONCE === BUCKETS_AT_ONCE - 1) {
      yield portion
      portion = ''
    }
  }
  yield portion + end
}

function listed(context: Context, item: number): ListedItem {
  const { words, bytes } = context.store
  const start = keyStartOf(words, item)
  const keyLength = keyLengthOf(words, item)
  const valueLength = valueLengthOf(words, item)
  const clientFlags = clientFlagsOf(words, item)
  return {
    key: bytes.subarray(start, start + keyLength),
    expiry: expiryOf(words, item),
    accessTime: context.store.items.accessTime(item),
    cas: (BigInt(casHigh(words, item) >>> 0) << 32n) | BigInt(casLow(words, item) >>> 0),
    isFetched: (flagsOf(words, item) & Flag.FETCHED) !== 0,
    clientFlags,
    valueLength,
    size: context.itemSize(keyLength, valueLength, clientFlags),
  }
}

const PORTION_LENGTH = 8 * 1024
const BUCKETS_AT_ONCE = 4096
