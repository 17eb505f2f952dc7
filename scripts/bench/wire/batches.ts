import { Status } from '../../../lib/request/status.js'
import { replyFrame, requestFrame } from '../support/frames.js'

/** What a connection sends in one write, and the reply that it awaits before it sends the next. */
export interface Batch {
  readonly request: Buffer
  readonly reply: Buffer
  readonly requestCount: number
}

/** Makes the batch that works on these keys. */
export type BatchBuilder = (keys: readonly Buffer[], value: Buffer) => Batch

export type Exchange = (key: Buffer, value: Buffer) => Batch

const NO_CLIENT_FLAGS = Buffer.alloc(4)
/** Client flags and expiry. */
const ITEM_EXTRAS = Buffer.alloc(8)
/** This many digits, so that no run adds one: every increment fits in place. */
const COUNTER_INITIAL = 1_000_000n

const get: Exchange = (key, value) =>
  one(requestFrame('get', { key }), replyFrame('get', Status.OK, { extras: NO_CLIENT_FLAGS, value }))

const getMissing: Exchange = (key) =>
  one(requestFrame('get', { key }), replyFrame('get', Status.NOT_FOUND, {}))

const set: Exchange = (key, value) =>
  one(requestFrame('set', { extras: ITEM_EXTRAS, key, value }), replyFrame('set', Status.OK, {}))

const remove: Exchange = (key) => one(requestFrame('delete', { key }), replyFrame('delete', Status.OK, {}))

/** The first one creates the counter: only its reply is checked, the others have the same length. */
const increment: Exchange = (key) => {
  const extras = Buffer.alloc(20)
  extras.writeBigUInt64BE(1n, 0)
  extras.writeBigUInt64BE(COUNTER_INITIAL, 8)
  const value = Buffer.alloc(8)
  value.writeBigUInt64BE(COUNTER_INITIAL)
  return one(requestFrame('increment', { extras, key }), replyFrame('increment', Status.OK, { value }))
}

const getQuietly: Exchange = (key, value) =>
  one(requestFrame('getkq', { key }), replyFrame('getkq', Status.OK, { extras: NO_CLIENT_FLAGS, key, value }))

const setQuietly: Exchange = (key, value) => ({
  request: requestFrame('setq', { extras: ITEM_EXTRAS, key, value }),
  reply: Buffer.alloc(0),
  requestCount: 1,
})

/** Ends a batch of quiet requests. It is not counted: a batch for 50 keys is 50 requests. */
const noop: Batch = {
  request: requestFrame('noop', {}),
  reply: replyFrame('noop', Status.OK, {}),
  requestCount: 0,
}

export const gets = each(get)
export const getsMissing = each(getMissing)
export const sets = each(set)
export const increments = each(increment)
export const deletesAndSets = each((key, value) => join([remove(key, value), set(key, value)]))
export const multiGet: BatchBuilder = (keys, value) => join([each(getQuietly)(keys, value), noop])
export const multiSet: BatchBuilder = (keys, value) => join([each(setQuietly)(keys, value), noop])

export function one(request: Buffer, reply: Buffer): Batch {
  return { request, reply, requestCount: 1 }
}

export function each(exchange: Exchange): BatchBuilder {
  return (keys, value) => join(keys.map((key) => exchange(key, value)))
}

function join(batches: readonly Batch[]): Batch {
  return {
    request: Buffer.concat(batches.map(({ request }) => request)),
    reply: Buffer.concat(batches.map(({ reply }) => reply)),
    requestCount: batches.reduce((sum, { requestCount }) => sum + requestCount, 0),
  }
}
